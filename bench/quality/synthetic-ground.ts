import { planScene } from '../../src/simulation/scene.js';
import type { Scenery } from './injections.js';

/**
 * Synthetic terrain without hardware, for pictures that may be published.
 * @param side pixels @param firstSeed of the first of four scenes
 */
export function syntheticGround(side = 512, firstSeed = 400): Scenery[] {
  return [40, 52, 62, 68].map((incidenceDeg, n) => {
    const angle = ((40 + 80 * n) * Math.PI) / 180;
    const shadow = { x: Math.cos(angle), y: Math.sin(angle) };
    const scene = planScene({
      seed: firstSeed + n,
      lines: side,
      samples: side,
      terrain: n % 2 === 0 ? 'rugged' : 'smooth',
      towardsSun: { x: -shadow.x, y: -shadow.y },
      incidenceDeg,
      pixelAcrossM: 1,
      pixelAlongM: 1,
      frame: 'LEFT',
      landers: 0,
    });
    return {
      name: `synthetic ${firstSeed - 400 + n}`,
      width: side,
      height: side,
      data: scene.render(0, side),
      shadow,
      incidenceDeg: [incidenceDeg, incidenceDeg + 0.1] as const,
    };
  });
}
