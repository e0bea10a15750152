/** A float32's bits as a number that is in the order of the values: those below 0 come first. */
function ordered(at: usize): u32 {
  const bits = load<u32>(at);
  return bits ^ ((<u32>((<i32>bits) >> 31)) | 0x80000000);
}

/** Counts float32 by the upper half of their order. @param counts 65,536 of 4 bytes, which are added to */
export function countByUpper(at: usize, count: i32, counts: usize): void {
  for (const end = at + 4 * <usize>count; at < end; at += 4) {
    const bin = counts + <usize>(ordered(at) >>> 16) * 4;
    store<u32>(bin, load<u32>(bin) + 1);
  }
}

/** Counts those of one upper half by the lower half of their order. */
export function countByLower(at: usize, count: i32, upper: u32, counts: usize): void {
  for (const end = at + 4 * <usize>count; at < end; at += 4) {
    const order = ordered(at);
    if (order >>> 16 !== upper) continue;
    const bin = counts + <usize>(order & 0xffff) * 4;
    store<u32>(bin, load<u32>(bin) + 1);
  }
}
