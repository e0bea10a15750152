/**
 * Samples as they lie in a file become little-endian samples of one band, and those float32. Whatever goes by vectors
 * reads and writes up to 16 bytes beyond the end of an array.
 */

/** Turns the bytes of each sample round, in place. @param size bytes of a sample */
export function swapBytes(at: usize, bytes: i32, size: i32): void {
  const end = at + <usize>bytes;
  if (size === 2) {
    for (; at < end; at += 16) {
      const v = v128.load(at);
      v128.store(at, i8x16.shuffle(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
    }
  } else if (size === 4) {
    for (; at < end; at += 16) {
      const v = v128.load(at);
      v128.store(at, i8x16.shuffle(v, v, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
    }
  } else if (size === 8) {
    for (; at < end; at += 16) {
      const v = v128.load(at);
      v128.store(at, i8x16.shuffle(v, v, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8));
    }
  }
}

/** Lays every `step`-th sample side by side; `to` may be `from`. @param size bytes of a sample */
export function everyNth(from: usize, to: usize, count: i32, step: i32, size: i32): void {
  const across = <usize>(step * size);
  const end = to + <usize>(count * size);
  if (size === 1) for (; to < end; to += 1, from += across) store<u8>(to, load<u8>(from));
  else if (size === 2) for (; to < end; to += 2, from += across) store<u16>(to, load<u16>(from));
  else if (size === 4) for (; to < end; to += 4, from += across) store<u32>(to, load<u32>(from));
  else for (; to < end; to += 8, from += across) store<u64>(to, load<u64>(from));
}

/** Lays bytes down `step` apart. */
export function spreadBytes(from: usize, to: usize, count: i32, step: i32): void {
  for (const end = from + <usize>count; from < end; from++, to += <usize>step) store<u8>(to, load<u8>(from));
}

/**
 * Whole numbers of 32 bits as the nearest float32, in place.
 *
 * @param stated where `isStated`, the one that becomes NaN
 */
export function floatsOfWords(at: usize, count: i32, signed: bool, isStated: bool, stated: i32): void {
  const nan = f32x4.splat(NaN);
  const none = i32x4.splat(stated);
  const asked = i32x4.splat(isStated ? -1 : 0);
  for (const end = at + 4 * <usize>count; at < end; at += 16) {
    const v = v128.load(at);
    const number = signed ? f32x4.convert_i32x4_s(v) : f32x4.convert_i32x4_u(v);
    v128.store(at, v128.bitselect(nan, number, v128.and(asked, i32x4.eq(v, none))));
  }
}

/**
 * Float64 as the nearest float32, in place; finite ones that float32 does not hold become NaN.
 *
 * @param stated the one that becomes NaN; NaN for none
 */
export function floatsOfDoubles(at: usize, count: i32, stated: f64): void {
  const most: f64 = <f64>f32.MAX_VALUE;
  let to = at;
  for (const end = at + 8 * <usize>count; at < end; at += 8, to += 4) {
    const number = load<f64>(at);
    const size = abs(number);
    const isLost = number === stated || (size >= most && size < Infinity);
    store<f32>(to, isLost ? <f32>NaN : <f32>number);
  }
}

/** Adds a band's part of the brightness to what lies at `sum`: float32, added up in float64. */
export function addWeighted(values: usize, sum: usize, count: i32, weight: f64): void {
  const weights = f64x2.splat(weight);
  for (const end = sum + 4 * <usize>count; sum < end; sum += 8, values += 8) {
    const part = f64x2.mul(weights, f64x2.promote_low_f32x4(v128.load64_zero(values)));
    const whole = f64x2.add(f64x2.promote_low_f32x4(v128.load64_zero(sum)), part);
    store<i64>(sum, i64x2.extract_lane(f32x4.demote_f64x2_zero(whole), 0));
  }
}

/** Makes NaN of the values whose opacity is 0, both float32. */
export function eraseUnseen(opacity: usize, values: usize, count: i32): void {
  const zero = f32x4.splat(0);
  const nan = f32x4.splat(NaN);
  for (const end = values + 4 * <usize>count; values < end; values += 16, opacity += 16) {
    const unseen = f32x4.eq(v128.load(opacity), zero);
    v128.store(values, v128.bitselect(nan, v128.load(values), unseen));
  }
}
