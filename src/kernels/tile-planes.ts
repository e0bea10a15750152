import { narrowed } from './narrowed';

/** Side of a tile, pixels, and half of the square that a mean level is taken over. */
const SIDE: i32 = 64;
const REACH: i32 = 8;
/** Darkest level that contrast is measured against, DN, and the least deviation that it is divided by. */
const LEAST_LEVEL: f32 = 0.08 * 255;
const LEAST_DEVIATION: f32 = 0.01;

/** Sums of columns, uint16: a mean reaches beyond the tile, where there are zeros. */
const COLUMNS: usize = memory.data(2 * (64 + 3 * 8), 16);
const FIRST: usize = COLUMNS + 2 * <usize>REACH;
/** Sums of eight columns from each on. */
const EIGHTS: usize = memory.data(2 * (64 + 8), 16);
/** One by the number of columns, or rows, that the mean around each takes in. */
const SHARES: usize = memory.data(4 * 64, 16);
/** c, float32. */
const CONTRAST: usize = memory.data(4 * 64 * 64, 16);

for (let at = 0; at < SIDE; at++) {
  const count = min(at + REACH, SIDE - 1) - max(at - REACH, 0) + 1;
  store<f32>(SHARES + <usize>(4 * at), <f32>1 / <f32>count);
}

/**
 * What the learned scorer sees of a tile, for its first layer as a convolution of stride 1: of every 2 x 2 pixels, row
 * by row, c, c u, s and s u of its pixels, four after four, and u; see `hardwarePlanes`.
 *
 * @param pixels 64 x 64 DN @param octant u @param out 32 x 32 x 17 bfloat16
 */
export function tilePlanes(pixels: usize, octant: f32, out: usize): void {
  const scale = f32x4.splat(<f32>1 / contrastOf(pixels));
  const u = f32x4.splat(octant);
  const narrowU = <u16>((reinterpret<u32>(octant) + 0x8000) >> 16);
  const row: usize = 4 * 64;
  for (let y = 0; y < SIDE; y += 2) {
    const upper = CONTRAST + <usize>y * row;
    for (let x: usize = 0; x < row; x += 8, out += 34) {
      const c = v128.load64_lane(upper + x + row, v128.load64_zero(upper + x), 1);
      const s = f32x4.mul(c, scale);
      v128.store(out, narrowed(c, f32x4.mul(c, u)));
      v128.store(out, narrowed(s, f32x4.mul(s, u)), 16);
      store<u16>(out, narrowU, 32);
    }
  }
}

/** Works out c of a tile. @returns its deviation, or the least that is divided by */
function contrastOf(pixels: usize): f32 {
  for (let at: usize = 0; at < 2 * 64; at += 16) v128.store(FIRST + at, i16x8.splat(0));
  for (let y = 0; y < REACH; y++) addRow(pixels + <usize>(y * SIDE));
  const least = f32x4.splat(LEAST_LEVEL);
  let squares = f32x4.splat(0);
  for (let y = 0; y < SIDE; y++) {
    if (y + REACH < SIDE) addRow(pixels + <usize>((y + REACH) * SIDE));
    if (y > REACH) takeRow(pixels + <usize>((y - REACH - 1) * SIDE));
    sumEights();
    const share = f32x4.splat(load<f32>(SHARES + <usize>(4 * y)));
    const row = pixels + <usize>(y * SIDE);
    const out = CONTRAST + <usize>(4 * y * SIDE);
    for (let x: usize = 0; x < 64; x += 8) {
      // Seventeen columns: eight, eight and one. The latter nine fit in 16 bits, all seventeen do not.
      const near = v128.load(EIGHTS + 2 * x);
      const far = i16x8.add(v128.load(EIGHTS + 2 * x, 16), v128.load(COLUMNS + 2 * x, 32));
      const low = i32x4.add(i32x4.extend_low_i16x8_u(near), i32x4.extend_low_i16x8_u(far));
      const high = i32x4.add(i32x4.extend_high_i16x8_u(near), i32x4.extend_high_i16x8_u(far));
      const dn = v128.load_ext<u8>(row + x);
      const shares = SHARES + 4 * x;
      const c = contrast(i32x4.extend_low_i16x8_u(dn), low, f32x4.mul(v128.load(shares), share), least);
      const d = contrast(i32x4.extend_high_i16x8_u(dn), high, f32x4.mul(v128.load(shares, 16), share), least);
      v128.store(out + 4 * x, c);
      v128.store(out + 4 * x, d, 16);
      squares = f32x4.add(squares, f32x4.add(f32x4.mul(c, c), f32x4.mul(d, d)));
    }
  }
  const sum =
    f32x4.extract_lane(squares, 0) +
    f32x4.extract_lane(squares, 1) +
    f32x4.extract_lane(squares, 2) +
    f32x4.extract_lane(squares, 3);
  return max<f32>(sqrt<f32>(sum / <f32>(SIDE * SIDE)), LEAST_DEVIATION);
}

/** @param dn,sum int32: pixels, and sums around them @param share one by how many pixels these are of */
function contrast(dn: v128, sum: v128, share: v128, least: v128): v128 {
  const level = f32x4.mul(f32x4.convert_i32x4_s(sum), share);
  return f32x4.div(f32x4.sub(f32x4.convert_i32x4_s(dn), level), f32x4.pmax(least, level));
}

function addRow(row: usize): void {
  for (let x: usize = 0; x < 64; x += 16) {
    const dn = v128.load(row + x);
    const at = FIRST + 2 * x;
    v128.store(at, i16x8.add(v128.load(at), i16x8.extend_low_i8x16_u(dn)));
    v128.store(at, i16x8.add(v128.load(at, 16), i16x8.extend_high_i8x16_u(dn)), 16);
  }
}

function takeRow(row: usize): void {
  for (let x: usize = 0; x < 64; x += 16) {
    const dn = v128.load(row + x);
    const at = FIRST + 2 * x;
    v128.store(at, i16x8.sub(v128.load(at), i16x8.extend_low_i8x16_u(dn)));
    v128.store(at, i16x8.sub(v128.load(at, 16), i16x8.extend_high_i8x16_u(dn)), 16);
  }
}

function sumEights(): void {
  for (let at: usize = 0; at < 2 * (64 + 8); at += 16) {
    const from = COLUMNS + at;
    const a = i16x8.add(v128.load(from), v128.load(from, 2));
    const b = i16x8.add(v128.load(from, 4), v128.load(from, 6));
    const c = i16x8.add(v128.load(from, 8), v128.load(from, 10));
    const d = i16x8.add(v128.load(from, 12), v128.load(from, 14));
    v128.store(EIGHTS + at, i16x8.add(i16x8.add(a, b), i16x8.add(c, d)));
  }
}
