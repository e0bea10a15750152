import { FINE } from './contrast';

/** Half-width of the blur and of the square of places that are looked at, and sides of that and of what it is made of, px. */
const RADIUS: i32 = 3;
const REACH: i32 = 2;
const PLACES: i32 = 2 * REACH + 1;
const PATCH: i32 = PLACES + 2 * RADIUS;

/** Pixels of a row, float64: a pair may reach one beyond. */
const ROW: usize = memory.data(8 * 12, 16);
/** Six places of each row, blurred across, float64; the last is not used. */
const ACROSS: usize = memory.data(8 * 6 * 11, 16);
const PITCH: usize = 8 * 6;

/**
 * The most light at and around a place of a tile: of the DN blurred by 0.8 px, within 2 px of it. Pixels that are null
 * or beyond the tile are black.
 *
 * @param data,nulls the tile's first pixel and flag in rows of `stride`; 0 for no flags
 * @param x,y place in the tile of `size`
 */
export function lightAround(data: usize, nulls: usize, stride: i32, size: i32, x: i32, y: i32): f64 {
  const left = x - REACH - RADIUS;
  const top = y - REACH - RADIUS;
  const inside = nulls === 0 && left >= 0 && left + PATCH <= size;
  for (let row = 0; row < PATCH; row++) {
    const across = ACROSS + <usize>row * PITCH;
    const line = top + row;
    if (line < 0 || line >= size) {
      memory.fill(across, 0, PITCH);
      continue;
    }
    const from = line * stride + left;
    for (let i = 0; i < PATCH; i++) {
      const at = <usize>(from + i);
      const isLit =
        inside || (left + i >= 0 && left + i < size && (nulls === 0 || load<u8>(nulls + at) !== 1));
      store<f64>(ROW + 8 * <usize>i, isLit ? <f64>load<u8>(data + at) : 0);
    }
    for (let at: usize = 0; at < PITCH; at += 16) v128.store(across + at, blurred(ROW + at, 8));
  }
  let most = f64x2.splat(-1);
  for (let row = 0; row < PLACES; row++) {
    if (y - REACH + row < 0 || y - REACH + row >= size) continue;
    for (let at: usize = 0; at < PITCH; at += 16) {
      const place = x - REACH + <i32>(at >>> 3);
      const pair = blurred(ACROSS + <usize>row * PITCH + at, PITCH);
      const isFirst = place >= 0 && place < size;
      const isSecond = at < PITCH - 16 && place + 1 >= 0 && place + 1 < size;
      if (isFirst) most = f64x2.pmax(most, f64x2.splat(f64x2.extract_lane(pair, 0)));
      if (isSecond) most = f64x2.pmax(most, f64x2.splat(f64x2.extract_lane(pair, 1)));
    }
  }
  return f64x2.extract_lane(most, 0);
}

/** Two neighbours' weighted sums of seven values each, `step` bytes apart. */
function blurred(at: usize, step: usize): v128 {
  let sum = f64x2.mul(v128.load(FINE), v128.load(at + 3 * step));
  sum = f64x2.add(
    sum,
    f64x2.mul(v128.load(FINE, 16), f64x2.add(v128.load(at + 2 * step), v128.load(at + 4 * step))),
  );
  sum = f64x2.add(
    sum,
    f64x2.mul(v128.load(FINE, 32), f64x2.add(v128.load(at + step), v128.load(at + 5 * step))),
  );
  return f64x2.add(sum, f64x2.mul(v128.load(FINE, 48), f64x2.add(v128.load(at), v128.load(at + 6 * step))));
}
