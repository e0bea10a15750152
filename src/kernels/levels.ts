/** A number just below the middle between two grey levels goes up; as `TIE` of the raster's `stretch.ts`. */
const TIE: f64 = Math.SQRT2 * 1e-4;
/** Bytes of a special value: four times the stored float32, four times what it becomes, a float32 or a grey level. */
const SPECIAL: usize = 32;

/** Grey levels of 8-bit samples by a table. */
export function levelsOfBytes(from: usize, to: usize, count: i32, table: usize): void {
  for (const end = from + <usize>count; from < end; from += 4, to += 4) {
    store<u8>(to, load<u8>(table + <usize>load<u8>(from)));
    store<u8>(to, load<u8>(table + <usize>load<u8>(from, 1)), 1);
    store<u8>(to, load<u8>(table + <usize>load<u8>(from, 2)), 2);
    store<u8>(to, load<u8>(table + <usize>load<u8>(from, 3)), 3);
  }
}

/** Grey levels of 16-bit samples by a table. */
export function levelsOfShorts(from: usize, to: usize, count: i32, table: usize): void {
  for (const end = from + 2 * <usize>count; from < end; from += 8, to += 4) {
    store<u8>(to, load<u8>(table + <usize>load<u16>(from)));
    store<u8>(to, load<u8>(table + <usize>load<u16>(from, 2)), 1);
    store<u8>(to, load<u8>(table + <usize>load<u16>(from, 4)), 2);
    store<u8>(to, load<u8>(table + <usize>load<u16>(from, 6)), 3);
  }
}

/** What 8-bit samples are worth, by a table of float32. */
export function numbersOfBytes(from: usize, to: usize, count: i32, table: usize): void {
  for (const end = from + <usize>count; from < end; from++, to += 4)
    store<f32>(to, load<f32>(table + 4 * <usize>load<u8>(from)));
}

/** What 16-bit samples are worth, by a table of float32. */
export function numbersOfShorts(from: usize, to: usize, count: i32, table: usize): void {
  for (const end = from + 2 * <usize>count; from < end; from += 2, to += 4)
    store<f32>(to, load<f32>(table + 4 * <usize>load<u16>(from)));
}

let plainAbove: v128 = f32x4.splat(0);
let plainBelow: v128 = f32x4.splat(0);
let minimum: v128 = f32x4.splat(0);
let isScaled: bool = false;
let factor: v128 = f64x2.splat(1);
let base: v128 = f64x2.splat(0);
let ofNaN: v128 = i32x4.splat(0);
let specials: usize = 0;
let specialsEnd: usize = 0;
let black: v128 = f64x2.splat(0);
let scale: v128 = f64x2.splat(1);
let isFlat: bool = false;

/**
 * Sets how float32 are read: those between `above` and `below` are none of the special values at `list`, and those
 * below `least` are none at all.
 *
 * @param nan what NaN becomes: bits of a float32, or a grey level
 */
export function setMeaning(
  above: f32,
  below: f32,
  least: f32,
  by: f64,
  plus: f64,
  nan: i32,
  list: usize,
  count: i32,
): void {
  plainAbove = f32x4.splat(above);
  plainBelow = f32x4.splat(below);
  minimum = f32x4.splat(least);
  isScaled = by !== 1 || plus !== 0;
  factor = f64x2.splat(by);
  base = f64x2.splat(plus);
  ofNaN = i32x4.splat(nan);
  specials = list;
  specialsEnd = list + <usize>count * SPECIAL;
}

/** Sets the stretch. @param flat whether all numbers become 128 */
export function setStretch(blackest: f64, levels: f64, flat: bool): void {
  black = f64x2.splat(blackest);
  scale = f64x2.splat(levels);
  isFlat = flat;
}

/** Whether four stored values are neither special nor out of range. */
function arePlain(v: v128): bool {
  return i32x4.all_true(v128.and(f32x4.gt(v, plainAbove), f32x4.lt(v, plainBelow)));
}

/** What four stored values become where some of them are special. @param plain what they become otherwise */
function bySpecials(v: v128, plain: v128, lost: v128): v128 {
  let out = v128.bitselect(plain, lost, f32x4.ge(v, minimum));
  out = v128.bitselect(ofNaN, out, f32x4.ne(v, v));
  for (let at = specials; at < specialsEnd; at += SPECIAL) {
    out = v128.bitselect(v128.load(at, 16), out, f32x4.eq(v, v128.load(at)));
  }
  return out;
}

/** The first two of four stored values in the image's units, rounded to float32. */
function scaledTwo(v: v128): v128 {
  return f32x4.demote_f64x2_zero(f64x2.add(f64x2.mul(f64x2.promote_low_f32x4(v), factor), base));
}

/** The same of all four. */
function scaledFour(v: v128): v128 {
  const high = scaledTwo(i32x4.shuffle(v, v, 2, 3, 2, 3));
  return i32x4.shuffle(scaledTwo(v), high, 0, 1, 4, 5);
}

/** How far above black two of four numbers are, in whole levels; what is far off as far as an int32 reaches. */
function levelsOfTwo(v: v128): v128 {
  const place = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(v), black), scale);
  // Cut off towards 0, not below: what is below 0 is black either way.
  return i32x4.trunc_sat_f64x2_s_zero(f64x2.add(f64x2.add(place, f64x2.splat(0.5)), f64x2.splat(TIE)));
}

/** Grey levels of float32 as `levelOf` of the raster defines them; see `setMeaning` and `setStretch`. */
export function levelsOfFloats(from: usize, to: usize, count: i32): void {
  const most = i32x4.splat(254);
  const zero = i32x4.splat(0);
  const one = i32x4.splat(1);
  const grey = i32x4.splat(128);
  const infinite = f32x4.splat(Infinity);
  for (const end = from + 4 * <usize>count; from < end; from += 16, to += 4) {
    const v = v128.load(from);
    const number = isScaled ? scaledFour(v) : v;
    const low = levelsOfTwo(number);
    const high = levelsOfTwo(i32x4.shuffle(number, number, 2, 3, 2, 3));
    let level = i32x4.shuffle(low, high, 0, 1, 4, 5);
    level = i32x4.add(i32x4.min_s(i32x4.max_s(level, zero), most), one);
    if (isFlat) level = v128.bitselect(grey, level, f32x4.lt(f32x4.abs(number), infinite));
    if (!arePlain(v)) level = bySpecials(v, level, zero);
    const shorts = i16x8.narrow_i32x4_u(level, level);
    store<i32>(to, i32x4.extract_lane(i8x16.narrow_i16x8_u(shorts, shorts), 0));
  }
}

/** What float32 are worth, as float32, in place; see `setMeaning`. */
export function numbersOfFloats(at: usize, count: i32): void {
  const nan = f32x4.splat(NaN);
  for (const end = at + 4 * <usize>count; at < end; at += 16) {
    const v = v128.load(at);
    const number = isScaled ? scaledFour(v) : v;
    v128.store(at, arePlain(v) ? number : bySpecials(v, number, nan));
  }
}
