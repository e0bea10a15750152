import { detectorColumns } from './detector.js';
import type { Lattice } from './lattice.js';
import { hash, normalFromBits } from './random.js';

/** Linear stretch of radiances to DN: 0 at `black`, 255 at `white`. */
export interface Stretch {
  readonly black: number;
  readonly white: number;
}

/**
 * Standard deviation of the optics' point spread, pixels. With the pixel's own aperture, which shading and
 * painting average over, the image's is 0.7.
 */
const PSF_SIGMA = 0.62;
/** Pixels around a region that its blur needs. */
export const PSF_MARGIN = 3;
/**
 * Shot noise and read noise relative to level ground under an overhead Sun; at 40 degrees together 1.6 %, at
 * 75 degrees 4 % of the signal, as in quiet parts of the real crops.
 */
const SHOT_NOISE = 0.012;
const READ_NOISE = 0.003;
/** Uncorrected gain and offset of detector columns, standard deviations. */
const COLUMN_GAIN = 0.003;
const COLUMN_OFFSET = 0.003;

const KERNEL = gaussian(PSF_SIGMA, PSF_MARGIN);

/** Blurs by the point spread; the result lacks PSF_MARGIN pixels on each side. */
export function blurred(radiance: Lattice, target: Lattice): void {
  const { width, data } = radiance;
  const row = new Float32Array(width);
  const [k0, k1, k2, k3] = KERNEL;
  for (let j = 0; j < target.height; j++) {
    let k = (j + PSF_MARGIN) * width;
    for (let i = 0; i < width; i++, k++) {
      row[i] =
        k0 * data[k]! +
        k1 * (data[k - width]! + data[k + width]!) +
        k2 * (data[k - 2 * width]! + data[k + 2 * width]!) +
        k3 * (data[k - 3 * width]! + data[k + 3 * width]!);
    }
    const offset = j * target.width;
    for (let i = 0; i < target.width; i++) {
      target.data[offset + i] =
        k0 * row[i + 3]! +
        k1 * (row[i + 2]! + row[i + 4]!) +
        k2 * (row[i + 1]! + row[i + 5]!) +
        k3 * (row[i]! + row[i + 6]!);
    }
  }
}

/**
 * Turns blurred radiances, sunlit level ground = 1, into the pixels of a frame `samples` wide, with noise and
 * dark detector columns. `level` is the reflectance of level ground, which sets the noise.
 */
export function exposed(
  radiance: Lattice,
  stretch: Stretch,
  frame: { seed: number; samples: number; side: 'LEFT' | 'RIGHT'; level: number },
): Uint8Array {
  const { width, height, data } = radiance;
  const pixels = new Uint8Array(width * height);
  const gains = new Float32Array(width);
  const offsets = new Float32Array(width);
  for (let i = 0; i < width; i++) {
    gains[i] = 1 + COLUMN_GAIN * normalFromBits(hash(frame.seed, radiance.x + i, 1));
    offsets[i] = COLUMN_OFFSET * normalFromBits(hash(frame.seed, radiance.x + i, 2));
  }
  const shot = SHOT_NOISE ** 2 / frame.level;
  const read = (READ_NOISE / frame.level) ** 2;
  const perUnit = 255 / (stretch.white - stretch.black);
  for (let j = 0; j < height; j++) {
    const rowSeed = hash(frame.seed, radiance.y + j, 3);
    for (let i = 0; i < width; i++) {
      const k = j * width + i;
      const signal = data[k]! * gains[i]! + offsets[i]!;
      const spread = Math.sqrt(shot * Math.max(0, signal) + read);
      const noisy = signal + spread * normalFromBits(hash(rowSeed, radiance.x + i));
      const dn = (noisy - stretch.black) * perUnit + 0.5;
      pixels[k] = dn <= 1 ? 1 : dn >= 255 ? 255 : dn;
    }
  }
  for (const column of detectorColumns(frame.samples, frame.side)) {
    const i = column.sample - radiance.x;
    if (i < 0 || i >= width) continue;
    for (let j = 0; j < height; j++) {
      const noise = normalFromBits(hash(frame.seed, radiance.x + i, radiance.y + j, 4));
      pixels[j * width + i] = Math.max(0, Math.round(column.level + noise * column.noise));
    }
  }
  return pixels;
}

function gaussian(sigma: number, radius: number): [number, number, number, number] {
  const half = Array.from({ length: radius + 1 }, (_, i) => Math.exp(-(i * i) / (2 * sigma * sigma)));
  const sum = half.reduce((total, value, i) => total + value * (i === 0 ? 1 : 2), 0);
  const [a, b, c, d] = half.map((value) => value / sum);
  return [a!, b!, c!, d!];
}
