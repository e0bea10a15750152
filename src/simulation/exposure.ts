import type { Scene } from './scene.js';

/**
 * Raw samples of a NAC: masked columns of real frames stand at 42 of 4095. Sunlit level ground is exposed to
 * some hundreds above, so that walls that face the Sun stay below the top.
 */
const BIAS_DN = 42;
const GROUND_DN = 400;
const LARGEST_DN = 4095;
/** I/F of mean ground under an overhead Sun, of the Moon's highlands and maria together. */
const NORMAL_REFLECTANCE = 0.1;

/** Radiance, sunlit level ground = 1, to a 12-bit sample; beyond its range it saturates. */
export function rawSample(radiance: number): number {
  const dn = Math.round(BIAS_DN + GROUND_DN * radiance);
  return dn < 0 ? 0 : dn > LARGEST_DN ? LARGEST_DN : dn;
}

/** Radiances at which raw samples saturate. */
export const SATURATED = {
  low: -BIAS_DN / GROUND_DN,
  high: (LARGEST_DN - BIAS_DN) / GROUND_DN,
} as const;

/** I/F of sunlit level ground in a scene: what its radiance of 1 stands for. */
export function groundReflectance(scene: Scene): number {
  return NORMAL_REFLECTANCE * scene.level;
}
