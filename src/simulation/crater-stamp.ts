import { craterProfile, PROFILE_REACH, PROFILE_STEPS } from './crater-profile.js';
import type { Crater } from './craters.js';
import type { Lattice } from './lattice.js';
import type { Light } from './light.js';
import { RandomStream } from './random.js';

const TO_STEP = PROFILE_STEPS / PROFILE_REACH ** 2;
/** Ellipse and lobes may carry a rim this much beyond its radius. */
const WIDEST = 1.12;
/** Radius in crater radii to which bright ejecta reach. */
export const HALO_REACH = 5;
/** Crater radii within which a crater changes anything. */
export const CRATER_REACH = Math.max(HALO_REACH, PROFILE_REACH * WIDEST);

const RAYS = 24;

/** Adds a crater to heights that stand at pixel corners. */
export function addCraterHeights(heights: Lattice, crater: Crater, light: Light): void {
  const table = craterProfile(crater.age);
  const { radius, depth, axisX, axisY, ratio, lobes } = crater;
  const { data, width } = heights;
  const reach = radius * PROFILE_REACH * WIDEST;
  const left = Math.max(0, Math.ceil(crater.x - reach / light.sideX - heights.x));
  const right = Math.min(width - 1, Math.floor(crater.x + reach / light.sideX - heights.x));
  const top = Math.max(0, Math.ceil(crater.y - reach / light.sideY - heights.y));
  const bottom = Math.min(heights.height - 1, Math.floor(crater.y + reach / light.sideY - heights.y));
  const scale = TO_STEP / (radius * radius);
  for (let j = top; j <= bottom; j++) {
    const dy = (heights.y + j - crater.y) * light.sideY;
    const row = j * width;
    for (let i = left; i <= right; i++) {
      const dx = (heights.x + i - crater.x) * light.sideX;
      const u = dx * axisX + dy * axisY;
      const v = (dy * axisX - dx * axisY) * ratio;
      const square = u * u + v * v;
      // cos(3 angle) = (u^3 - 3 u v^2) / rho^3 turns the circle into a rounded triangle.
      const lobe = square > 0 ? (lobes * u * (u * u - 3 * v * v)) / (square * Math.sqrt(square)) : 0;
      const step = square * scale * (1 + lobe);
      const k = step | 0;
      if (k < PROFILE_STEPS) {
        const low = table[k]!;
        data[row + i] = data[row + i]! + depth * (low + (table[k + 1]! - low) * (step - k));
      }
    }
  }
}

/** Brightens the albedo, which stands at pixel centres, by the crater's ejecta and their rays. */
export function addCraterHalo(albedo: Lattice, crater: Crater, light: Light): void {
  if (crater.halo <= 0.01) return;
  const random = new RandomStream(crater.seed, 1);
  const rays = Float32Array.from({ length: RAYS + 1 }, () => random.between(0.4, 1));
  rays[RAYS] = rays[0]!;
  const { data, width } = albedo;
  const reach = crater.radius * HALO_REACH;
  const left = Math.max(0, Math.ceil(crater.x - 0.5 - reach / light.sideX - albedo.x));
  const right = Math.min(width - 1, Math.floor(crater.x - 0.5 + reach / light.sideX - albedo.x));
  const top = Math.max(0, Math.ceil(crater.y - 0.5 - reach / light.sideY - albedo.y));
  const bottom = Math.min(albedo.height - 1, Math.floor(crater.y - 0.5 + reach / light.sideY - albedo.y));
  for (let j = top; j <= bottom; j++) {
    const dy = (albedo.y + j + 0.5 - crater.y) * light.sideY;
    for (let i = left; i <= right; i++) {
      const dx = (albedo.x + i + 0.5 - crater.x) * light.sideX;
      const angle = ((Math.atan2(dy, dx) + Math.PI) / (2 * Math.PI)) * RAYS;
      const sector = Math.min(RAYS - 1, Math.floor(angle));
      const ray = rays[sector]! + (rays[sector + 1]! - rays[sector]!) * (angle - sector);
      const r = Math.hypot(dx, dy) / (crater.radius * (0.4 + ray));
      const strength = r < 1 ? 1 : Math.max(0, 1 - (r - 1) / (HALO_REACH / 1.4 - 1)) ** 2;
      data[j * width + i] = data[j * width + i]! + crater.halo * ray * strength;
    }
  }
}
