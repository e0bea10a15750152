/**
 * Radial profiles of simple craters: a fresh bowl with a raised rim, worn down by diffusion of the
 * topography (Fassett and Thomson 2014, doi:10.1002/2014JE004698). Radius of the rim = 1, depth from rim to
 * floor of the fresh crater = 1; age is the diffusion time kappa t / R^2.
 */

/** Beyond this radius a crater leaves the ground as it was. */
export const PROFILE_REACH = 2.1;
/** Age of the most worn profile. */
export const OLDEST = 0.45;
/** Profiles are tabulated in the square of the radius, over [0, PROFILE_REACH^2]. */
export const PROFILE_STEPS = 1024;

const RIM_HEIGHT = 0.2;
const LEVELS = 24;
const GRID_STEP = 0.02;

/** Profile for an age in [0, OLDEST], PROFILE_STEPS + 2 values; the last ones are 0. */
export function craterProfile(age: number): Float32Array {
  tables ??= buildTables();
  return tables[levelOf(age)]!;
}

let tables: Float32Array[] | undefined;

/** Levels are denser for young craters, which change fastest. */
function levelOf(age: number): number {
  const t = Math.sqrt(Math.min(1, Math.max(0, age / OLDEST)));
  return Math.min(LEVELS - 1, Math.round(t * (LEVELS - 1)));
}

function buildTables(): Float32Array[] {
  const points = Math.round((PROFILE_REACH * 1.5) / GRID_STEP);
  let heights: Float64Array = Float64Array.from({ length: points }, (_, i) => freshHeight(i * GRID_STEP));
  const timeStep = GRID_STEP ** 2 / 5;
  const result: Float32Array[] = [];
  let time = 0;
  for (let level = 0; level < LEVELS; level++) {
    const until = OLDEST * (level / (LEVELS - 1)) ** 2;
    for (; time < until; time += timeStep) heights = diffused(heights, timeStep);
    result.push(tabulated(heights));
  }
  return result;
}

function freshHeight(r: number): number {
  if (r >= 1) return RIM_HEIGHT * r ** -3;
  // Nearly a parabola, a little steeper towards the centre than one, with a small flat floor.
  return RIM_HEIGHT - 1 + Math.max(0.05, 0.85 * r ** 2 + 0.15 * r);
}

function diffused(heights: Float64Array, timeStep: number): Float64Array {
  const next = new Float64Array(heights.length);
  const last = heights.length - 1;
  for (let i = 0; i < last; i++) {
    const before = heights[Math.max(0, i - 1)]!;
    const here = heights[i]!;
    const after = heights[i + 1]!;
    const second = (after - 2 * here + (i === 0 ? after : before)) / GRID_STEP ** 2;
    const radial = i === 0 ? second : (after - before) / (2 * GRID_STEP * GRID_STEP * i);
    next[i] = here + timeStep * (second + radial);
  }
  next[last] = heights[last]!;
  return next;
}

function tabulated(heights: Float64Array): Float32Array {
  const table = new Float32Array(PROFILE_STEPS + 2);
  for (let i = 0; i < PROFILE_STEPS; i++) {
    const r2 = (i / PROFILE_STEPS) * PROFILE_REACH ** 2;
    const position = Math.sqrt(r2) / GRID_STEP;
    const k = Math.floor(position);
    const value = heights[k]! + (heights[k + 1]! - heights[k]!) * (position - k);
    // Fades out over the last fifth, so that no edge is seen.
    const fade = Math.min(1, (PROFILE_REACH - Math.sqrt(r2)) / (0.2 * PROFILE_REACH));
    table[i] = value * fade * fade * (3 - 2 * fade);
  }
  return table;
}
