import type { Lattice } from './lattice.js';
import type { Light } from './light.js';

/**
 * Multiplies an albedo, at pixel centres, by the lunar-Lambert reflectance of the ground, 1 on level
 * ground. Heights stand at pixel corners, so that slopes fall on the centres without blur.
 */
export function shade(albedo: Lattice, heights: Lattice, light: Light): void {
  const { data, width, height } = albedo;
  const stride = heights.width;
  const h = heights.data;
  const sunX = light.ground.x * light.sin;
  const sunY = light.ground.y * light.sin;
  const perX = 0.5 / light.sideX;
  const perY = 0.5 / light.sideY;
  const weight = light.lunarWeight;
  const lommel = (2 * weight) / light.level;
  const lambert = (1 - weight) / light.level;
  const start = (albedo.y - heights.y) * stride + albedo.x - heights.x;
  for (let j = 0; j < height; j++) {
    let corner = start + j * stride;
    const row = j * width;
    for (let i = 0; i < width; i++, corner++) {
      const a = h[corner]!;
      const b = h[corner + 1]!;
      const c = h[corner + stride]!;
      const d = h[corner + stride + 1]!;
      const slopeX = (b - a + d - c) * perX;
      const slopeY = (c - a + d - b) * perY;
      const up = 1 / Math.sqrt(1 + slopeX * slopeX + slopeY * slopeY);
      const facing = (light.cos - slopeX * sunX - slopeY * sunY) * up;
      const reflectance = facing <= 0 ? 0 : facing * (lommel / (facing + up) + lambert);
      data[row + i] = data[row + i]! * reflectance;
    }
  }
}

/** Light that reaches shadows from lit ground around, relative to level ground. */
const STRAY_LIGHT = 0.012;

/** Takes direct light from the pixels of a radiance where the points at their corners are in shadow. */
export function applyShadows(radiance: Lattice, lit: Lattice): void {
  const { data, width, height } = radiance;
  const stride = lit.width;
  const start = (radiance.y - lit.y) * stride + radiance.x - lit.x;
  for (let j = 0; j < height; j++) {
    let corner = start + j * stride;
    for (let i = 0; i < width; i++, corner++) {
      const light =
        (lit.data[corner]! +
          lit.data[corner + 1]! +
          lit.data[corner + stride]! +
          lit.data[corner + stride + 1]!) /
        4;
      const k = j * width + i;
      data[k] = data[k]! * light + STRAY_LIGHT;
    }
  }
}
