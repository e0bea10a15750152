import type { Lattice } from './lattice.js';
import type { Light } from './light.js';

/** Height of a shadow where nothing casts one. */
const NO_SHADOW = -1e9;

/**
 * Overwrites heights by how much sunlight reaches each point: 1 lit, 0 in a cast shadow, between along its
 * edge. One sweep away from the Sun carries the height of the shadow's upper edge along rays that visit
 * every lattice point once (a sheared lattice: nothing is interpolated, so shadows do not blur on the way).
 * Casters outside the lattice are not known; shears hang on absolute coordinates.
 */
export function sweepShadows(heights: Lattice, light: Light): void {
  const rows = Math.abs(light.image.y) >= Math.abs(light.image.x);
  const along = rows ? light.image.y : light.image.x;
  const slope = (rows ? light.image.x : light.image.y) / along;
  // Fall of a shadow's edge over one step of 1 / |along| pixels.
  const fall = 1 / (Math.abs(along) * light.pixelsPerUnit * light.tan);
  const { data, width, height } = heights;
  const [steps, lanes] = rows ? [height, width] : [width, height];
  const [stepStride, laneStride] = rows ? [width, 1] : [1, width];
  const origin = rows ? heights.y : heights.x;
  const shifts = Int32Array.from({ length: steps }, (_, s) => Math.round((origin + s) * slope));
  const firstShift = Math.min(shifts[0]!, shifts[steps - 1]!);
  const span = Math.abs(shifts[steps - 1]! - shifts[0]!);
  const edge = new Float64Array(lanes + span).fill(NO_SHADOW);
  const softness = 1 / fall;
  for (let n = 0; n < steps; n++) {
    const s = along > 0 ? steps - 1 - n : n;
    const base = s * stepStride;
    // Ray of the lane l at step s: l - shift(s), counted from the lowest one.
    const ray = firstShift + span - shifts[s]!;
    for (let l = 0; l < lanes; l++) {
      const k = base + l * laneStride;
      const h = data[k]!;
      const shadow = edge[ray + l]! - fall;
      // A point one step behind and one fall below its caster is just grazed: still lit.
      const light01 = (h - shadow) * softness + 1;
      data[k] = light01 >= 1 ? 1 : light01 <= 0 ? 0 : light01;
      edge[ray + l] = h > shadow ? h : shadow;
    }
  }
}
