/**
 * Gaussian blurs of rows. Values are float64 that hold what float32 can: each sum is rounded, as one kept in an array of
 * float32 would be. Rows are worked on by pairs and need room for one value more than they have.
 */

/** Pairs of neighbours that are added before a sum is rounded. */
const TAPS = 3;

/** Bytes of a value, and of a weight, which is there twice. */
export const VALUE: usize = 8;
export const WEIGHT: usize = 16;

/** The nearest float32. */
export function rounded(pair: v128): v128 {
  return f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(pair));
}

/** @param near,far two values that a weight goes to */
function tap(sum: v128, weight: v128, near: usize, far: usize): v128 {
  return f64x2.add(sum, f64x2.mul(weight, f64x2.add(v128.load(near), v128.load(far))));
}

/** Repeats the border of a row on both sides. */
export function pad(row: usize, width: i32, radius: i32): void {
  const first = load<f64>(row);
  const end = row + <usize>width * VALUE;
  const last = load<f64>(end - VALUE);
  for (let k = 0; k < radius; k++) {
    store<f64>(row - <usize>(k + 1) * VALUE, first);
    store<f64>(end + <usize>k * VALUE, last);
  }
}

/** Blurs a padded row by three values to both sides. @param kernel weights of the centre and of one to three on */
export function blurAcross(row: usize, out: usize, width: i32, kernel: usize): void {
  const w0 = v128.load(kernel);
  const w1 = v128.load(kernel, 16);
  const w2 = v128.load(kernel, 32);
  const w3 = v128.load(kernel, 48);
  const end = row + <usize>width * VALUE;
  for (let at = row, to = out; at < end; at += 16, to += 16) {
    let sum = f64x2.mul(w0, v128.load(at));
    sum = tap(sum, w1, at - 8, at + 8);
    sum = tap(sum, w2, at - 16, at + 16);
    sum = tap(sum, w3, at - 24, at + 24);
    v128.store(to, rounded(sum));
  }
}

/** Where row y of a ring of rows lies; beyond the first and the last one of the image these are repeated. */
export function ringRow(ring: usize, length: i32, pitch: i32, y: i32, rows: i32): usize {
  return ring + <usize>((min(max(y, 0), rows - 1) % length) * pitch);
}

/** Rows of a ring that a blur by three values upwards and downwards needs. */
export const RING: i32 = 7;

/** Sum of a pair of values in seven rows; `at` is bytes from where these begin. */
function sumDown(
  at: usize,
  centre: usize,
  up1: usize,
  down1: usize,
  up2: usize,
  down2: usize,
  up3: usize,
  down3: usize,
  w0: v128,
  w1: v128,
  w2: v128,
  w3: v128,
): v128 {
  let sum = f64x2.mul(w0, v128.load(centre + at));
  sum = tap(sum, w1, up1 + at, down1 + at);
  sum = tap(sum, w2, up2 + at, down2 + at);
  return tap(sum, w3, up3 + at, down3 + at);
}

/**
 * Blurs row y of a ring by three rows upwards and downwards. `blurWideDown` with a radius of three gives the same, in
 * more time.
 *
 * @param pitch bytes of a row @param rows of the whole image @param kernel as of `blurAcross`
 * @param narrow whether the result is laid down as float32
 */
export function blurDown(
  ring: usize,
  pitch: i32,
  y: i32,
  rows: i32,
  out: usize,
  width: i32,
  kernel: usize,
  narrow: bool,
): void {
  const w0 = v128.load(kernel);
  const w1 = v128.load(kernel, 16);
  const w2 = v128.load(kernel, 32);
  const w3 = v128.load(kernel, 48);
  const centre = ringRow(ring, RING, pitch, y, rows);
  const up1 = ringRow(ring, RING, pitch, y - 1, rows);
  const up2 = ringRow(ring, RING, pitch, y - 2, rows);
  const up3 = ringRow(ring, RING, pitch, y - 3, rows);
  const down1 = ringRow(ring, RING, pitch, y + 1, rows);
  const down2 = ringRow(ring, RING, pitch, y + 2, rows);
  const down3 = ringRow(ring, RING, pitch, y + 3, rows);
  const end = <usize>width * VALUE;
  if (narrow) {
    for (let at: usize = 0, to = out; at < end; at += 16, to += 8) {
      const sum = sumDown(at, centre, up1, down1, up2, down2, up3, down3, w0, w1, w2, w3);
      v128.store64_lane(to, f32x4.demote_f64x2_zero(sum), 0);
    }
    return;
  }
  for (let at: usize = 0; at < end; at += 16) {
    const sum = sumDown(at, centre, up1, down1, up2, down2, up3, down3, w0, w1, w2, w3);
    v128.store(out + at, rounded(sum));
  }
}

/** Blurs a padded row by `radius` values to both sides, a multiple of three. */
export function blurWideAcross(row: usize, out: usize, width: i32, kernel: usize, radius: i32): void {
  const end = row + <usize>width * VALUE;
  for (let at = row, to = out; at < end; at += 16, to += 16) {
    let sum = f64x2.mul(v128.load(kernel), v128.load(at));
    for (let k = 1; k <= radius; k += TAPS) {
      const weight = kernel + <usize>k * WEIGHT;
      const near = <usize>k * VALUE;
      sum = tap(sum, v128.load(weight), at - near, at + near);
      sum = tap(sum, v128.load(weight, 16), at - near - 8, at + near + 8);
      sum = rounded(tap(sum, v128.load(weight, 32), at - near - 16, at + near + 16));
    }
    v128.store(to, sum);
  }
}

/** Blurs row y of a ring of `2 * radius + 1` rows by `radius` rows upwards and downwards, a multiple of three. */
export function blurWideDown(
  ring: usize,
  pitch: i32,
  y: i32,
  rows: i32,
  out: usize,
  width: i32,
  kernel: usize,
  radius: i32,
): void {
  const length = 2 * radius + 1;
  const end = <usize>width * VALUE;
  const centre = ringRow(ring, length, pitch, y, rows);
  const w0 = v128.load(kernel);
  for (let k = 1; k <= radius; k += TAPS) {
    const weight = kernel + <usize>k * WEIGHT;
    const w1 = v128.load(weight);
    const w2 = v128.load(weight, 16);
    const w3 = v128.load(weight, 32);
    const up1 = ringRow(ring, length, pitch, y - k, rows);
    const up2 = ringRow(ring, length, pitch, y - k - 1, rows);
    const up3 = ringRow(ring, length, pitch, y - k - 2, rows);
    const down1 = ringRow(ring, length, pitch, y + k, rows);
    const down2 = ringRow(ring, length, pitch, y + k + 1, rows);
    const down3 = ringRow(ring, length, pitch, y + k + 2, rows);
    if (k === 1) {
      for (let at: usize = 0; at < end; at += 16) {
        let sum = f64x2.mul(w0, v128.load(centre + at));
        sum = tap(sum, w1, up1 + at, down1 + at);
        sum = tap(sum, w2, up2 + at, down2 + at);
        v128.store(out + at, rounded(tap(sum, w3, up3 + at, down3 + at)));
      }
      continue;
    }
    for (let at: usize = 0; at < end; at += 16) {
      let sum = tap(v128.load(out + at), w1, up1 + at, down1 + at);
      sum = tap(sum, w2, up2 + at, down2 + at);
      v128.store(out + at, rounded(tap(sum, w3, up3 + at, down3 + at)));
    }
  }
}
