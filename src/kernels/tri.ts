/** Steps that a direction is looked at by: shadows behind a body, darkness before it, terrain beside it. */
const SHADOW: i32 = 5;
const BEFORE: i32 = 5;
const BESIDE: i32 = 4;
const STEPS: i32 = SHADOW + BEFORE + BESIDE;
const MAX_DIRECTIONS: i32 = 16;

/**
 * A step: four weights as float64, the same four times each as float32, then bytes from a pixel to the upper-left and
 * the lower-left one of the four that it lies between.
 */
const STEP: usize = 112;
const DIRECTION: usize = STEP * <usize>STEPS;
const TABLE: usize = memory.data(16 * 14 * 112, 16);

/**
 * How far a response in float32 may lie off: 18 roundings of half a unit in the last place, of contrasts below 32,
 * for DoG is 255 at most and what divides it 12.75 at least.
 */
const SLACK: f64 = 32 / <f64>(1 << 19);

let directions: i32 = 0;
let response: f64 = 0;

/** Sets how many directions are tried. */
export function setDirections(count: i32): void {
  directions = min(count, MAX_DIRECTIONS);
}

/** @param upper,lower places of pixels from the one looked at, in pixels */
export function setStep(
  direction: i32,
  step: i32,
  upper: i32,
  lower: i32,
  w00: f64,
  w10: f64,
  w01: f64,
  w11: f64,
): void {
  const at = TABLE + <usize>direction * DIRECTION + <usize>step * STEP;
  store<f64>(at, w00);
  store<f64>(at, w10, 8);
  store<f64>(at, w01, 16);
  store<f64>(at, w11, 24);
  v128.store(at, f32x4.splat(<f32>w00), 32);
  v128.store(at, f32x4.splat(<f32>w10), 48);
  v128.store(at, f32x4.splat(<f32>w01), 64);
  v128.store(at, f32x4.splat(<f32>w11), 80);
  store<i32>(at, 4 * upper, 96);
  store<i32>(at, 4 * lower, 100);
}

/** What `strongest` found. */
export function foundResponse(): f64 {
  return response;
}

/**
 * Strongest response above `floor` in a rectangle, the first in reading order when several are.
 *
 * @param origin its first pixel @param stride pixels of a row
 * @returns its place in pixels from the first one, -1 where there is none
 */
export function strongest(origin: usize, stride: i32, width: i32, height: i32, floor: f64): i32 {
  const pitch = <usize>stride * 4;
  const brightest = findBrightest(origin, pitch, width, height, <f32>(floor - SLACK));
  if (brightest === 0) return -1;
  // The brightest pixel sets a bar that few others pass; of equal responses the first still counts.
  let best = respond(brightest, floor);
  let found = best > floor ? brightest : 0;
  if (found === 0) best = floor;
  let bar = f32x4.splat(<f32>(best - SLACK));
  for (let row = 0, line = origin; row < height; row++, line += pitch) {
    for (let x = 0; x < width; x += 4) {
      const at = line + <usize>x * 4;
      if (!v128.any_true(f32x4.ge(v128.load(at), bar))) continue;
      let near = roughlyAbove(at, bar);
      if (width - x < 4) near &= (1 << (width - x)) - 1;
      for (; near !== 0; near &= near - 1) {
        const pixel = at + <usize>ctz(near) * 4;
        if (<f64>load<f32>(pixel) < best) continue;
        const value = respond(pixel, best);
        if (value < best || (value === best && pixel >= found)) continue;
        if (value > best) bar = f32x4.splat(<f32>(value - SLACK));
        best = value;
        found = pixel;
      }
    }
  }
  response = best;
  return found === 0 ? -1 : <i32>((found - origin) >> 2);
}

/** The first of the brightest pixels above `floor`; 0 where there is none. */
function findBrightest(origin: usize, pitch: usize, width: i32, height: i32, floor: f32): usize {
  let most = floor;
  let brightest: usize = 0;
  for (let row = 0, line = origin; row < height; row++, line += pitch) {
    let highest = f32x4.splat(most);
    const whole = line + <usize>(width & ~3) * 4;
    let at = line;
    for (; at < whole; at += 16) highest = f32x4.pmax(highest, v128.load(at));
    let rest: f32 = most;
    for (const end = line + <usize>width * 4; at < end; at += 4) rest = max(rest, load<f32>(at));
    const low = max(f32x4.extract_lane(highest, 0), f32x4.extract_lane(highest, 1));
    const high = max(f32x4.extract_lane(highest, 2), f32x4.extract_lane(highest, 3));
    const highestOfRow = max(max(low, high), rest);
    if (highestOfRow <= most) continue;
    most = highestOfRow;
    at = line;
    while (load<f32>(at) !== most) at += 4;
    brightest = at;
  }
  return brightest;
}

/** Flags of those of four pixels whose responses may reach a bar in some direction. */
function roughlyAbove(at: usize, bar: v128): i32 {
  let above = 0;
  for (let i = 0, table = TABLE; i < directions; i++, table += DIRECTION) above |= roughly(at, table, bar);
  return above;
}

function roughly(at: usize, table: usize, bar: v128): i32 {
  const body = v128.load(at);
  let step = table;
  let darkest = roughSample(at, step);
  for (let k = 1; k < SHADOW; k++) {
    step += STEP;
    darkest = f32x4.pmin(darkest, roughSample(at, step));
  }
  const dipole = f32x4.pmin(body, f32x4.neg(darkest));
  if (!v128.any_true(f32x4.ge(dipole, bar))) return 0;
  let before = f32x4.splat(0);
  for (let k = 0; k < BEFORE; k++) {
    step += STEP;
    before = f32x4.pmin(before, roughSample(at, step));
  }
  const plain = f32x4.add(dipole, before);
  if (!v128.any_true(f32x4.ge(plain, bar))) return 0;
  let uneven = f32x4.splat(0);
  for (let k = 0; k < BESIDE; k++) {
    step += STEP;
    uneven = f32x4.pmax(uneven, f32x4.abs(roughSample(at, step)));
  }
  return i32x4.bitmask(f32x4.ge(f32x4.sub(plain, f32x4.mul(uneven, f32x4.splat(0.5))), bar));
}

function roughSample(at: usize, step: usize): v128 {
  const upper = at + <usize>load<i32>(step, 96);
  const lower = at + <usize>load<i32>(step, 100);
  const top = f32x4.add(
    f32x4.mul(v128.load(step, 32), v128.load(upper)),
    f32x4.mul(v128.load(step, 48), v128.load(upper, 4)),
  );
  const bottom = f32x4.add(
    f32x4.mul(v128.load(step, 64), v128.load(lower)),
    f32x4.mul(v128.load(step, 80), v128.load(lower, 4)),
  );
  return f32x4.add(top, bottom);
}

/** Response of a pixel in its best direction; where it is less than `atLeast`, something less than that. */
function respond(at: usize, atLeast: f64): f64 {
  let best: f64 = -Infinity;
  for (let i = 0, table = TABLE; i < directions; i++, table += DIRECTION)
    best = max(best, respondIn(at, table, max(best, atLeast)));
  return best;
}

function respondIn(at: usize, table: usize, atLeast: f64): f64 {
  const body = <f64>load<f32>(at);
  let step = table;
  let darkness: f64 = -Infinity;
  for (let k = 0; k < SHADOW; k++, step += STEP) darkness = max(darkness, -sample(at, step));
  const dipole = min(body, darkness);
  if (dipole < atLeast) return dipole;
  let plain = dipole;
  for (let k = 0; k < BEFORE; k++, step += STEP) plain = min(plain, dipole + min(0, sample(at, step)));
  if (plain < atLeast) return plain;
  let uneven: f64 = 0;
  for (let k = 0; k < BESIDE; k++, step += STEP) uneven = max(uneven, Math.abs(sample(at, step)));
  return plain - 0.5 * uneven;
}

function sample(at: usize, step: usize): f64 {
  const upper = at + <usize>load<i32>(step, 96);
  const lower = at + <usize>load<i32>(step, 100);
  return (
    load<f64>(step) * <f64>load<f32>(upper) +
    load<f64>(step, 8) * <f64>load<f32>(upper, 4) +
    load<f64>(step, 16) * <f64>load<f32>(lower) +
    load<f64>(step, 24) * <f64>load<f32>(lower, 4)
  );
}
