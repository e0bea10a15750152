/** Bytes of a set of counters of 8-bit values, uint32. */
const SET: usize = 4 * 256;

/** Four sets filled in turn: equal neighbours would wait for each other's count. */
const TURNS: usize = memory.data(4 * 4 * 256, 16);
/** How many values lie below each dn, int32, of the sets summed up last. */
const BELOW: usize = memory.data(4 * 257, 16);
/** Halvings of 256 dn that lead to 1e-6 of a dn. */
const STEPS: i32 = 28;

/**
 * Counts the pixels of an area, dn by dn.
 *
 * @param data,nulls the area's first pixel and flag in rows of `stride`; those flagged 1 are left out, 0 for no flags
 * @param counters 256 of 4 bytes, which are overwritten
 * @returns how many were counted
 */
export function countArea(
  data: usize,
  nulls: usize,
  stride: i32,
  width: i32,
  lines: i32,
  counters: usize,
): i32 {
  memory.fill(TURNS, 0, 4 * SET);
  let count = 0;
  for (let y = 0; y < lines; y++, data += stride) {
    if (nulls === 0) countRow(data, width);
    else {
      count += countMeasured(data, nulls, width);
      nulls += stride;
    }
  }
  for (let at: usize = 0; at < SET; at += 16) {
    const even = i32x4.add(v128.load(TURNS + at), v128.load(TURNS + at, 2 * SET));
    const odd = i32x4.add(v128.load(TURNS + at, SET), v128.load(TURNS + at, 3 * SET));
    v128.store(counters + at, i32x4.add(even, odd));
  }
  return nulls === 0 ? width * lines : count;
}

function countRow(data: usize, width: i32): void {
  const end = data + <usize>width;
  for (; data + 8 <= end; data += 8) {
    const eight = load<u64>(data);
    add(<u8>eight, 0);
    add(<u8>(eight >> 8), SET);
    add(<u8>(eight >> 16), 2 * SET);
    add(<u8>(eight >> 24), 3 * SET);
    add(<u8>(eight >> 32), 0);
    add(<u8>(eight >> 40), SET);
    add(<u8>(eight >> 48), 2 * SET);
    add(<u8>(eight >> 56), 3 * SET);
  }
  for (; data < end; data++) add(load<u8>(data), 0);
}

function countMeasured(data: usize, nulls: usize, width: i32): i32 {
  let count = 0;
  for (let x: usize = 0; x < <usize>width; x++) {
    if (load<u8>(nulls + x) === 1) continue;
    add(load<u8>(data + x), 0);
    count++;
  }
  return count;
}

function add(value: u8, set: usize): void {
  const at = TURNS + set + 4 * <usize>value;
  store<u32>(at, load<u32>(at) + 1);
}

/** Sums up four sets of counters; the questions below hold for their sum. */
export function sumCounters(a: usize, b: usize, c: usize, d: usize): void {
  let below = 0;
  for (let dn: usize = 0; dn < SET; dn += 4) {
    below += load<i32>(a + dn) + load<i32>(b + dn) + load<i32>(c + dn) + load<i32>(d + dn);
    store<i32>(BELOW + dn, below, 4);
  }
}

/** Values from `from` to `to`, both included, 0..255. */
export function countWithin(from: i32, to: i32): i32 {
  return load<i32>(BELOW + 4 * <usize>to, 4) - load<i32>(BELOW + 4 * <usize>from);
}

/** Median of the values: one of dn is spread evenly over [dn - 0.5, dn + 0.5]. */
export function medianLevel(): f64 {
  let low: f64 = -0.5;
  let high: f64 = 255.5;
  for (let i = 0; i < STEPS; i++) {
    const middle = (low + high) / 2;
    if (shareBelow(middle) - 0.5 < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Median distance of the values from `centre`. */
export function medianDistance(centre: f64): f64 {
  let low: f64 = 0;
  let high: f64 = 256;
  for (let i = 0; i < STEPS; i++) {
    const middle = (low + high) / 2;
    if (shareBelow(centre + middle) - shareBelow(centre - middle) - 0.5 < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function shareBelow(x: f64): f64 {
  const at = min(max(x + 0.5, 0), 256);
  const dn = min(<i32>at, 255);
  const lower = <f64>load<i32>(BELOW + 4 * <usize>dn);
  const upper = <f64>load<i32>(BELOW + 4 * <usize>dn, 4);
  return (lower + (upper - lower) * (at - <f64>dn)) / <f64>load<i32>(BELOW + 4 * 256);
}
