import { narrowed } from '../../../src/kernels/narrowed';

export { release, take } from '../../../src/kernels/memory';

/** Pixels around each that its mean level is taken over, on each side, and those that its deviation is. */
const LEVEL_REACH: i32 = 8;
const DEVIATION_REACH: i32 = 32;
/** Darkest level that contrast is measured against, DN, and the least deviation, squared. */
const LEAST_LEVEL: f32 = 0.08 * 255;
const LEAST_VARIANCE: f32 = 0.01 * 0.01;

/** Bytes of work space that `stripPlanes` needs. @param width pixels, a multiple of 8 */
export function workSpace(width: i32, height: i32): i32 {
  return 4 * width * height + 24 * (width + 128);
}

/**
 * What the learned scorer sees of a strip: of every 2 x 2 pixels, row by row, c, c u, s and s u of its pixels, four
 * after four, and u, as float32 or as bfloat16.
 *
 * @param pixels `height` rows of `width` DN; multiples of 2 and 8 @param work see `workSpace`, on a multiple of 16
 * @param out [height / 2, width / 2, 17]
 */
export function stripPlanes(
  pixels: usize,
  width: i32,
  height: i32,
  octant: f32,
  work: usize,
  out: usize,
  narrow: bool,
): void {
  const contrast = work;
  const rest = work + <usize>(4 * width * height);
  contrastOf(pixels, width, height, contrast, rest);
  const columns = rest;
  const sums = columns + <usize>(4 * (width + 128));
  const shares = sums + <usize>(4 * (width + 128));
  const upper = shares + <usize>(4 * width);
  const lower = upper + <usize>(4 * width);
  memory.fill(columns, 0, <usize>(8 * (width + 128)));
  const own = columns + <usize>(4 * DEVIATION_REACH);
  fillShares(shares, width, DEVIATION_REACH);
  for (let y = 0; y < min(DEVIATION_REACH, height); y++) addSquares(own, row(contrast, y, width), width);
  for (let y = 0; y < height; y += 2) {
    standardRow(contrast, y, width, height, columns, sums, shares, upper);
    standardRow(contrast, y + 1, width, height, columns, sums, shares, lower);
    const above = row(contrast, y, width);
    const below = row(contrast, y + 1, width);
    out = narrow
      ? writeNarrow(above, below, upper, lower, width, octant, out)
      : writeWide(above, below, upper, lower, width, octant, out);
  }
}

function row(contrast: usize, y: i32, width: i32): usize {
  return contrast + <usize>(4 * y * width);
}

/** One by the number of columns within reach. */
function fillShares(shares: usize, width: i32, reach: i32): void {
  for (let x = 0; x < width; x++)
    store<f32>(shares + <usize>(4 * x), <f32>1 / <f32>(min(x + reach, width - 1) - max(x - reach, 0) + 1));
}

/** One by the number of rows within reach. */
function rowShare(y: i32, height: i32, reach: i32): f32 {
  return <f32>1 / <f32>(min(y + reach, height - 1) - max(y - reach, 0) + 1);
}

function contrastOf(pixels: usize, width: i32, height: i32, out: usize, work: usize): void {
  // Sums of columns, and of eight of them from each on, uint16, with room for what is beyond the border.
  const columns = work;
  const own = columns + 2 * <usize>LEVEL_REACH;
  const eights = columns + <usize>(2 * (width + 64));
  const shares = eights + <usize>(2 * (width + 64));
  memory.fill(columns, 0, <usize>(4 * (width + 64)));
  fillShares(shares, width, LEVEL_REACH);
  for (let y = 0; y < min(LEVEL_REACH, height); y++) addPixels(own, pixels + <usize>(y * width), width);
  const least = f32x4.splat(LEAST_LEVEL);
  for (let y = 0; y < height; y++) {
    if (y + LEVEL_REACH < height) addPixels(own, pixels + <usize>((y + LEVEL_REACH) * width), width);
    if (y > LEVEL_REACH) takePixels(own, pixels + <usize>((y - LEVEL_REACH - 1) * width), width);
    for (let at: usize = 0; at < <usize>(2 * (width + 8)); at += 16) {
      const from = columns + at;
      const a = i16x8.add(v128.load(from), v128.load(from, 2));
      const b = i16x8.add(v128.load(from, 4), v128.load(from, 6));
      const c = i16x8.add(v128.load(from, 8), v128.load(from, 10));
      const d = i16x8.add(v128.load(from, 12), v128.load(from, 14));
      v128.store(eights + at, i16x8.add(i16x8.add(a, b), i16x8.add(c, d)));
    }
    const share = f32x4.splat(rowShare(y, height, LEVEL_REACH));
    const line = pixels + <usize>(y * width);
    const to = row(out, y, width);
    for (let x: usize = 0; x < <usize>width; x += 8) {
      // Seventeen columns: eight, eight and one. The latter nine fit in 16 bits, all seventeen do not.
      const near = v128.load(eights + 2 * x);
      const far = i16x8.add(v128.load(eights + 2 * x, 16), v128.load(columns + 2 * x, 32));
      const low = i32x4.add(i32x4.extend_low_i16x8_u(near), i32x4.extend_low_i16x8_u(far));
      const high = i32x4.add(i32x4.extend_high_i16x8_u(near), i32x4.extend_high_i16x8_u(far));
      const dn = v128.load_ext<u8>(line + x);
      const first = f32x4.mul(v128.load(shares + 4 * x), share);
      const second = f32x4.mul(v128.load(shares + 4 * x, 16), share);
      v128.store(to + 4 * x, contrastAt(i32x4.extend_low_i16x8_u(dn), low, first, least));
      v128.store(to + 4 * x, contrastAt(i32x4.extend_high_i16x8_u(dn), high, second, least), 16);
    }
  }
}

/** @param dn,sum int32: pixels, and sums around them @param share one by how many pixels these are of */
function contrastAt(dn: v128, sum: v128, share: v128, least: v128): v128 {
  const level = f32x4.mul(f32x4.convert_i32x4_s(sum), share);
  return f32x4.div(f32x4.sub(f32x4.convert_i32x4_s(dn), level), f32x4.pmax(least, level));
}

function addPixels(columns: usize, line: usize, width: i32): void {
  for (let x: usize = 0; x < <usize>width; x += 8)
    v128.store(columns + 2 * x, i16x8.add(v128.load(columns + 2 * x), v128.load_ext<u8>(line + x)));
}

function takePixels(columns: usize, line: usize, width: i32): void {
  for (let x: usize = 0; x < <usize>width; x += 8)
    v128.store(columns + 2 * x, i16x8.sub(v128.load(columns + 2 * x), v128.load_ext<u8>(line + x)));
}

function addSquares(columns: usize, line: usize, width: i32): void {
  for (let x: usize = 0; x < <usize>(4 * width); x += 16) {
    const c = v128.load(line + x);
    v128.store(columns + x, f32x4.add(v128.load(columns + x), f32x4.mul(c, c)));
  }
}

function takeSquares(columns: usize, line: usize, width: i32): void {
  for (let x: usize = 0; x < <usize>(4 * width); x += 16) {
    const c = v128.load(line + x);
    v128.store(columns + x, f32x4.sub(v128.load(columns + x), f32x4.mul(c, c)));
  }
}

/** s of a row, of the squares of c above and below, which each row adds to. */
function standardRow(
  contrast: usize,
  y: i32,
  width: i32,
  height: i32,
  columns: usize,
  sums: usize,
  shares: usize,
  out: usize,
): void {
  const own = columns + <usize>(4 * DEVIATION_REACH);
  if (y + DEVIATION_REACH < height) addSquares(own, row(contrast, y + DEVIATION_REACH, width), width);
  if (y > DEVIATION_REACH) takeSquares(own, row(contrast, y - DEVIATION_REACH - 1, width), width);
  // Four columns from each on, then sixteen; what is overwritten has been read.
  fours(columns, sums, width + 60, 4);
  fours(sums, sums, width + 48, 16);
  const least = f32x4.splat(LEAST_VARIANCE);
  const share = f32x4.splat(rowShare(y, height, DEVIATION_REACH));
  const line = row(contrast, y, width);
  for (let x: usize = 0; x < <usize>(4 * width); x += 16) {
    const from = sums + x;
    const near = f32x4.add(v128.load(from), v128.load(from, 64));
    const far = f32x4.add(v128.load(from, 128), v128.load(from, 192));
    const sum = f32x4.add(f32x4.add(near, far), v128.load(columns + x, 256));
    const variance = f32x4.mul(sum, f32x4.mul(v128.load(shares + x), share));
    v128.store(out + x, f32x4.div(v128.load(line + x), f32x4.sqrt(f32x4.pmax(variance, least))));
  }
}

/** Adds up four values each that lie `step` bytes apart. */
function fours(from: usize, to: usize, count: i32, step: usize): void {
  for (let x: usize = 0; x < <usize>(4 * count); x += 16) {
    const at = from + x;
    const near = f32x4.add(v128.load(at), v128.load(at + step));
    const far = f32x4.add(v128.load(at + 2 * step), v128.load(at + 3 * step));
    v128.store(to + x, f32x4.add(near, far));
  }
}

function writeNarrow(
  above: usize,
  below: usize,
  upper: usize,
  lower: usize,
  width: i32,
  octant: f32,
  out: usize,
): usize {
  const u = f32x4.splat(octant);
  const narrowU = <u16>((reinterpret<u32>(octant) + 0x8000) >> 16);
  for (let x: usize = 0; x < <usize>(4 * width); x += 8, out += 34) {
    const c = v128.load64_lane(below + x, v128.load64_zero(above + x), 1);
    const s = v128.load64_lane(lower + x, v128.load64_zero(upper + x), 1);
    v128.store(out, narrowed(c, f32x4.mul(c, u)));
    v128.store(out, narrowed(s, f32x4.mul(s, u)), 16);
    store<u16>(out, narrowU, 32);
  }
  return out;
}

function writeWide(
  above: usize,
  below: usize,
  upper: usize,
  lower: usize,
  width: i32,
  octant: f32,
  out: usize,
): usize {
  const u = f32x4.splat(octant);
  for (let x: usize = 0; x < <usize>(4 * width); x += 8, out += 68) {
    const c = v128.load64_lane(below + x, v128.load64_zero(above + x), 1);
    const s = v128.load64_lane(lower + x, v128.load64_zero(upper + x), 1);
    v128.store(out, c);
    v128.store(out, f32x4.mul(c, u), 16);
    v128.store(out, s, 32);
    v128.store(out, f32x4.mul(s, u), 48);
    store<f32>(out, octant, 64);
  }
  return out;
}
