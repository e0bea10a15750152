import { craterProfile, PROFILE_REACH, PROFILE_STEPS } from './crater-profile.js';
import type { Crater } from './craters.js';
import type { Lattice } from './lattice.js';
import type { Light } from './light.js';
import { RandomStream } from './random.js';

const TO_STEP = PROFILE_STEPS / PROFILE_REACH ** 2;
/** Ellipse and lobes may carry a rim this much beyond its radius. */
const WIDEST = 1.07;
/** Radius in crater radii to which bright ejecta reach. */
export const HALO_REACH = 4;
/** Crater radii within which a crater changes anything. */
export const CRATER_REACH = Math.max(HALO_REACH, PROFILE_REACH * WIDEST);

const RAYS = 17;
/** Radii from which an outline has lobes and ejecta have rays. */
const SMALLEST_LOBED = 5;
const SMALLEST_RAYED = 10;

/** Adds a crater to heights that stand at pixel corners. */
export function addCraterHeights(heights: Lattice, crater: Crater, light: Light): void {
  const table = craterProfile(crater.age);
  const { radius, depth, axisX, axisY, ratio } = crater;
  // Too small for its outline to show.
  const lobes = radius < SMALLEST_LOBED ? 0 : crater.lobes;
  const { data, width } = heights;
  const reach = radius * PROFILE_REACH * (lobes === 0 ? 1 : WIDEST);
  const top = Math.max(0, Math.ceil(crater.y - reach / light.sideY - heights.y));
  const bottom = Math.min(heights.height - 1, Math.floor(crater.y + reach / light.sideY - heights.y));
  const scale = TO_STEP / (radius * radius);
  for (let j = top; j <= bottom; j++) {
    const dy = (heights.y + j - crater.y) * light.sideY;
    const half = Math.sqrt(Math.max(0, reach * reach - dy * dy)) / light.sideX;
    const left = Math.max(0, Math.ceil(crater.x - half - heights.x));
    const right = Math.min(width - 1, Math.floor(crater.x + half - heights.x));
    for (let i = left, k = j * width + left; i <= right; i++, k++) {
      const dx = (heights.x + i - crater.x) * light.sideX;
      const u = dx * axisX + dy * axisY;
      const v = (dy * axisX - dx * axisY) * ratio;
      const square = u * u + v * v;
      let position = square * scale;
      // cos(3 angle) = (u^3 - 3 u v^2) / rho^3 turns the circle into a rounded triangle.
      if (lobes !== 0 && square > 0) {
        position *= 1 + (lobes * u * (u * u - 3 * v * v)) / (square * Math.sqrt(square));
      }
      const n = position | 0;
      if (n < PROFILE_STEPS) {
        const low = table[n]!;
        data[k] = data[k]! + depth * (low + (table[n + 1]! - low) * (position - n));
      }
    }
  }
}

/** Brightens the albedo, which stands at pixel centres, by the crater's ejecta; larger craters have rays. */
export function addCraterHalo(albedo: Lattice, crater: Crater, light: Light): void {
  if (crater.halo < 0.01) return;
  const { data, width } = albedo;
  const reach = crater.radius * HALO_REACH;
  const top = Math.max(0, Math.ceil(crater.y - 0.5 - reach / light.sideY - albedo.y));
  const bottom = Math.min(albedo.height - 1, Math.floor(crater.y - 0.5 + reach / light.sideY - albedo.y));
  if (top > bottom) return;
  const left = Math.max(0, Math.ceil(crater.x - 0.5 - reach / light.sideX - albedo.x));
  const right = Math.min(width - 1, Math.floor(crater.x - 0.5 + reach / light.sideX - albedo.x));
  const rays = raysOf(crater);
  for (let j = top; j <= bottom; j++) {
    const dy = (albedo.y + j + 0.5 - crater.y) * light.sideY;
    for (let i = left; i <= right; i++) {
      const dx = (albedo.x + i + 0.5 - crater.x) * light.sideX;
      const square = dx * dx + dy * dy;
      if (square >= reach * reach) continue;
      // Grows with the angle from 0 to 4 as atan2 would from 0 to 2 pi, at a fraction of its cost.
      const turn = dy / (Math.abs(dx) + Math.abs(dy) + 1e-9);
      const angle = (dx >= 0 ? 1 + turn : 3 - turn) * (RAYS / 4);
      const sector = Math.min(RAYS - 1, Math.floor(angle));
      const t = angle - sector;
      const ray = rays[sector]! + (rays[sector + 1]! - rays[sector]!) * t * t * (3 - 2 * t);
      const r = Math.sqrt(square) / crater.radius;
      const fade = Math.max(0, 1 - Math.max(0, r - 1) / ((HALO_REACH - 1) * ray));
      data[j * width + i] = data[j * width + i]! + crater.halo * fade * fade;
    }
  }
}

/** Reach of the ejecta by direction, relative to the longest: uneven around every crater, more so large ones. */
function raysOf(crater: Crater): Float32Array {
  const random = new RandomStream(crater.seed, 1);
  const shortest = crater.radius < SMALLEST_RAYED ? 0.6 : 0.3;
  const rays = Float32Array.from({ length: RAYS + 1 }, () => random.between(shortest, 1));
  rays[RAYS] = rays[0]!;
  return rays;
}
