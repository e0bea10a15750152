import { createRandom } from '../domain/random.js';
import { planScene } from '../simulation/scene.js';
import type { Terrain } from '../training/hardware/terrain-patch.js';
import { terrainOf } from '../training/hardware/terrains.js';

const SIDE_PX = 768;
/** Angles of the Sun from the zenith, degrees. */
const INCIDENCE = { least: 15, most: 80 };

/**
 * Plain synthetic scenes of both terrains under any light, so that the learned scorer does not know the light
 * and the ground of a few real images only.
 */
export function syntheticTerrains(count: number, seed: number): Terrain[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, n) => {
    const angle = 2 * Math.PI * random.uniform();
    const towardsSun = { x: Math.cos(angle), y: Math.sin(angle) };
    const pixelM = 0.4 + 1.1 * random.uniform();
    const scene = planScene({
      seed: 1_000_000 + 1000 * seed + n,
      lines: SIDE_PX,
      samples: SIDE_PX,
      terrain: n % 2 === 0 ? 'smooth' : 'rugged',
      towardsSun,
      incidenceDeg: INCIDENCE.least + (INCIDENCE.most - INCIDENCE.least) * random.uniform(),
      pixelAcrossM: pixelM,
      pixelAlongM: pixelM,
      frame: 'LEFT',
      landers: 0,
    });
    return terrainOf(`synthetic-${n}`, SIDE_PX, scene.render(0, SIDE_PX), {
      x: -towardsSun.x,
      y: -towardsSun.y,
    });
  });
}
