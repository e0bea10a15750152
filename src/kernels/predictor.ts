/**
 * Undoes horizontal differencing in place (TIFF 6.0, section 14). Sums wrap.
 *
 * @param lines of one block each, `samples` in each, all bands
 * @param bands samples of a pixel
 * @param size bytes of a sample
 */
export function undoDifferences(at: usize, lines: i32, samples: i32, bands: i32, size: i32): void {
  if (size === 1) undo<u8>(at, lines, samples, bands);
  else if (size === 2) undo<u16>(at, lines, samples, bands);
  else if (size === 4) undo<u32>(at, lines, samples, bands);
  else undo<u64>(at, lines, samples, bands);
}

function undo<T extends number>(at: usize, lines: i32, samples: i32, bands: i32): void {
  const back = <usize>bands * sizeof<T>();
  for (; lines > 0; lines--) {
    const end = at + <usize>samples * sizeof<T>();
    if (bands === 1) {
      let sum: T = <T>0;
      for (; at < end; at += sizeof<T>()) {
        sum = <T>(sum + load<T>(at));
        store<T>(at, sum);
      }
    } else {
      for (at += back; at < end; at += sizeof<T>()) store<T>(at, <T>(load<T>(at) + load<T>(at - back)));
      at = end;
    }
  }
}

/**
 * Undoes the floating-point predictor: the bytes of a line are differences, and all first bytes of its samples stand
 * before all second ones, the most significant first (Adobe Photoshop TIFF Technical Note 3).
 *
 * @param from lines as they are packed, which are written over
 * @param to where their samples are laid, little-endian
 * @param size bytes of a sample: 4 or 8
 */
export function undoFloatDifferences(
  from: usize,
  to: usize,
  lines: i32,
  samples: i32,
  bands: i32,
  size: i32,
): void {
  const plane = <usize>samples;
  undo<u8>(from, lines, samples * size, bands);
  for (; lines > 0; lines--, from += plane * <usize>size) {
    for (let i: usize = 0; i < plane; i++, to += <usize>size) {
      let at = from + i;
      if (size === 4) {
        store<u32>(
          to,
          (load<u8>(at) << 24) |
            (load<u8>(at + plane) << 16) |
            (load<u8>(at + 2 * plane) << 8) |
            load<u8>(at + 3 * plane),
        );
      } else {
        let word: u64 = 0;
        for (let b = 0; b < size; b++, at += plane) word = (word << 8) | (<u64>load<u8>(at));
        store<u64>(to, word);
      }
    }
  }
}
