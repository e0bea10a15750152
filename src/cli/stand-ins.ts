import { plainTerrains } from '../simulation/plain-terrain.js';
import type { TrainingImage } from '../training/images.js';

/**
 * Synthetic plain terrain under every lighting, for a calibration where no image has like light.
 * @param noteLight is told the light of each image before it is used: its Sun's direction and angle, degrees.
 */
export function* standIns(
  seeds: readonly number[],
  channels: number,
  noteLight: (name: string, towardsSunDeg: number, incidenceDeg: number) => void,
): Generator<TrainingImage> {
  for (const { name, width, height, pixels, towardsSunDeg, incidenceDeg } of plainTerrains(seeds)) {
    noteLight(name, towardsSunDeg, incidenceDeg);
    const inChannels = channels === 1 ? pixels : new Uint8Array(pixels.length * channels);
    if (channels > 1) pixels.forEach((level, i) => inChannels.fill(level, i * channels, (i + 1) * channels));
    yield { name, width, height, channels, pixels: inChannels, exactNulls: false };
  }
}
