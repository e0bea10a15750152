import { blurAcross, blurDown, pad, RING, ringRow, rounded, VALUE, WEIGHT } from './blur';
import { CellMean, WHOLE_WEIGHT } from './cell-mean';
import { take } from './memory';

/** Half-width of the fine blur, px. */
const RADIUS: i32 = 3;
/** Below this weight a mean stands on next to nothing. */
const LEAST_WEIGHT: f64 = 1e-3;
/** Darkest terrain that contrast is measured against, DN. */
const LEAST_BACKGROUND: f64 = 0.05 * 255;

/** Weights of the fine blur: of the centre, and of one to three pixels on. */
export const FINE: usize = memory.data(4 * 16, 16);
const COARSE: usize = memory.data(7 * 16, 16);
const BACKGROUND: usize = memory.data(7 * 16, 16);

const coarseMean = new CellMean(2, COARSE);
const background = new CellMean(4, BACKGROUND);

/** Sets weight `k` of the fine blur (0), of the coarse mean (1) or of the background's (2). */
export function setWeight(kernel: i32, k: i32, weight: f64): void {
  const weights = kernel === 0 ? FINE : kernel === 1 ? COARSE : BACKGROUND;
  v128.store(weights + <usize>k * WEIGHT, f64x2.splat(weight));
}

/** Rows of the fine mean's ring of values, and of that of weights. */
let values: usize = 0;
let weights: usize = 0;
let padded: usize = 0;

/**
 * Local contrast of an area as `contrastField` defines it.
 *
 * @param data,nulls the area's first pixel and flag in rows of `stride`; 0 for no flags
 * @param field where the result's margin begins @param from,to lines that are wanted
 */
export function contrast(
  data: usize,
  nulls: usize,
  stride: i32,
  width: i32,
  lines: i32,
  firstLine: i32,
  margin: i32,
  from: i32,
  to: i32,
  field: usize,
): void {
  const pitch = (width + 2) * 8;
  const ratioPadded = take(pitch + 16 * RADIUS) + <usize>RADIUS * VALUE;
  padded = take(pitch + 16 * RADIUS) + <usize>RADIUS * VALUE;
  values = take(RING * pitch);
  weights = nulls === 0 ? 0 : take(RING * pitch);
  const ratios = take(RING * pitch);
  const weight = nulls === 0 ? <usize>0 : take(pitch);
  const fine = take(pitch);
  // Means are drawn out by whole cells.
  const coarse = take(pitch + 64);
  const level = take(pitch + 64);
  let ratiosFed = max(0, from - RADIUS);
  let fineFed = max(0, ratiosFed - RADIUS);
  coarseMean.begin(data, nulls, stride, width, lines, firstLine, ratiosFed);
  background.begin(data, nulls, stride, width, lines, firstLine, ratiosFed);
  const across = <usize>(width + 2 * margin) * 4;
  for (let y = from; y < to; y++) {
    for (const end = min(lines, y + RADIUS + 1); ratiosFed < end; ratiosFed++) {
      for (const last = min(lines, ratiosFed + RADIUS + 1); fineFed < last; fineFed++) {
        const row = <usize>(fineFed * stride);
        feedFine(data + row, nulls === 0 ? 0 : nulls + row, width, pitch, fineFed, lines);
      }
      coarseMean.row(ratiosFed, coarse);
      background.row(ratiosFed, level);
      blurDown(values, pitch, ratiosFed, lines, fine, width, FINE, false);
      if (nulls !== 0) {
        blurDown(weights, pitch, ratiosFed, lines, weight, width, FINE, false);
        normalise(fine, weight, coarse, width);
      }
      divide(fine, coarse, level, ratioPadded, width);
      pad(ratioPadded, width, RADIUS);
      blurAcross(ratioPadded, ringRow(ratios, RING, pitch, ratiosFed, lines), width, FINE);
    }
    const row = field + <usize>(y + margin) * across;
    blurDown(ratios, pitch, y, lines, row + <usize>margin * 4, width, FINE, true);
    const first = load<f32>(row + <usize>margin * 4);
    const last = load<f32>(row + <usize>(margin + width - 1) * 4);
    for (let m: usize = 0; m < <usize>margin * 4; m += 4) {
      store<f32>(row + m, first);
      store<f32>(row + <usize>(margin + width) * 4 + m, last);
    }
  }
  for (let m = 0; m < margin; m++) {
    if (from === 0) memory.copy(field + <usize>m * across, field + <usize>margin * across, across);
    const last = field + <usize>(margin + lines - 1) * across;
    if (to === lines) memory.copy(last + <usize>(m + 1) * across, last, across);
  }
}

/** Blurs a line across, its lost pixels as 0, and what of it is not lost. */
function feedFine(data: usize, nulls: usize, width: i32, pitch: i32, y: i32, lines: i32): void {
  if (nulls === 0) widen(data, width);
  else
    for (let x = 0; x < width; x++) {
      const isLost = load<u8>(nulls + <usize>x) === 1;
      store<f64>(padded + <usize>x * VALUE, isLost ? 0 : <f64>load<u8>(data + <usize>x));
    }
  pad(padded, width, RADIUS);
  blurAcross(padded, ringRow(values, RING, pitch, y, lines), width, FINE);
  if (nulls === 0) return;
  for (let x = 0; x < width; x++)
    store<f64>(padded + <usize>x * VALUE, load<u8>(nulls + <usize>x) === 1 ? 0 : 1);
  pad(padded, width, RADIUS);
  blurAcross(padded, ringRow(weights, RING, pitch, y, lines), width, FINE);
}

/** Lays a line of bytes down as float64. */
function widen(data: usize, width: i32): void {
  let to = padded;
  const whole = width & ~7;
  for (let x = 0; x < whole; x += 8) {
    const shorts = i16x8.extend_low_i8x16_u(v128.load64_zero(data + <usize>x));
    const low = i32x4.extend_low_i16x8_u(shorts);
    const high = i32x4.extend_high_i16x8_u(shorts);
    v128.store(to, f64x2.convert_low_i32x4_u(low));
    v128.store(to, f64x2.convert_low_i32x4_u(i32x4.shuffle(low, low, 2, 3, 2, 3)), 16);
    v128.store(to, f64x2.convert_low_i32x4_u(high), 32);
    v128.store(to, f64x2.convert_low_i32x4_u(i32x4.shuffle(high, high, 2, 3, 2, 3)), 48);
    to += 64;
  }
  for (let x = whole; x < width; x++, to += VALUE) store<f64>(to, <f64>load<u8>(data + <usize>x));
}

function normalise(fine: usize, weight: usize, coarse: usize, width: i32): void {
  const end = <usize>width * VALUE;
  for (let at: usize = 0; at < end; at += VALUE) {
    const share = load<f64>(weight + at);
    if (share < LEAST_WEIGHT) store<f64>(fine + at, load<f64>(coarse + at));
    else if (share < WHOLE_WEIGHT) store<f64>(fine + at, <f64>(<f32>(load<f64>(fine + at) / share)));
  }
}

function divide(fine: usize, coarse: usize, level: usize, out: usize, width: i32): void {
  const least = f64x2.splat(LEAST_BACKGROUND);
  const end = <usize>width * VALUE;
  for (let at: usize = 0; at < end; at += 16) {
    const difference = f64x2.sub(v128.load(fine + at), v128.load(coarse + at));
    v128.store(out + at, rounded(f64x2.div(difference, f64x2.pmax(least, v128.load(level + at)))));
  }
}
