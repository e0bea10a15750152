import { planScene } from '../simulation/scene.js';
import type { TrainingImage } from '../training/images.js';

const SIDE_PX = 640;
const INCIDENCES_DEG = [20, 35, 50, 65, 75, 82];
/** Of each scene, beside debris, rovers and tracks. */
const LANDERS = 5;

/**
 * Synthetic ground under every light, smooth and rugged in turn, with hardware on it: what a model's graphs in whole
 * numbers are measured on beside its images.
 */
export function* screeningScenes(channels: number): Generator<TrainingImage> {
  for (const [n, incidenceDeg] of INCIDENCES_DEG.entries()) {
    const angle = 2.4 * n;
    const scene = planScene({
      seed: 7_000_000 + n,
      lines: SIDE_PX,
      samples: SIDE_PX,
      terrain: n % 2 === 0 ? 'smooth' : 'rugged',
      towardsSun: { x: Math.cos(angle), y: Math.sin(angle) },
      incidenceDeg,
      pixelAcrossM: 0.6 + 0.2 * n,
      pixelAlongM: 0.6 + 0.2 * n,
      frame: 'LEFT',
      landers: LANDERS,
    });
    const grey = scene.render(0, SIDE_PX);
    const pixels = new Uint8Array(grey.length * channels);
    grey.forEach((level, i) => pixels.fill(level, i * channels, (i + 1) * channels));
    yield {
      name: `synthetic-${n}`,
      ...{ width: SIDE_PX, height: SIDE_PX, channels, pixels },
      exactNulls: false,
    };
  }
}
