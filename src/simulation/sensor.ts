import { detectorColumns, type DetectorColumn } from './detector.js';
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

/** The camera that takes a frame. */
export interface Frame {
  readonly seed: number;
  readonly samples: number;
  readonly side: 'LEFT' | 'RIGHT';
  /** Reflectance of level ground, which sets the noise. */
  readonly level: number;
}

/**
 * Turns blurred radiances, sunlit level ground = 1, into the pixels of a frame, with noise and dark detector
 * columns.
 */
export function exposed(radiance: Lattice, stretch: Stretch, frame: Frame): Uint8Array {
  const { width, height } = radiance;
  const pixels = new Uint8Array(width * height);
  const perUnit = 255 / (stretch.white - stretch.black);
  measureLines(radiance, frame, (j, line) => {
    const start = j * width;
    for (let i = 0; i < width; i++) {
      const dn = (line[i]! - stretch.black) * perUnit + 0.5;
      pixels[start + i] = dn <= 1 ? 1 : dn >= 255 ? 255 : dn;
    }
  });
  forEachMaskedPixel(radiance, frame, (k, noise, column) => {
    pixels[k] = Math.max(0, Math.round(column.level + noise * column.noise));
  });
  return pixels;
}

/**
 * The same before it is made 8-bit: radiances as the camera measures them, with noise. Masked columns see none
 * but keep the noise of reading.
 */
export function measured(radiance: Lattice, frame: Frame): Float32Array {
  const { width, height } = radiance;
  const values = new Float32Array(width * height);
  measureLines(radiance, frame, (j, line) => values.set(line, j * width));
  const read = READ_NOISE / frame.level;
  forEachMaskedPixel(radiance, frame, (k, noise, column) => {
    values[k] = column.radiance + noise * read;
  });
  return values;
}

/** Hands on one line after another as it is measured; the buffer is used again for the next. */
function measureLines(
  radiance: Lattice,
  frame: Frame,
  take: (line: number, values: Float64Array) => void,
): void {
  const { width, height, data } = radiance;
  const gains = new Float32Array(width);
  const offsets = new Float32Array(width);
  for (let i = 0; i < width; i++) {
    gains[i] = 1 + COLUMN_GAIN * normalFromBits(hash(frame.seed, radiance.x + i, 1));
    offsets[i] = COLUMN_OFFSET * normalFromBits(hash(frame.seed, radiance.x + i, 2));
  }
  const shot = SHOT_NOISE ** 2 / frame.level;
  const read = (READ_NOISE / frame.level) ** 2;
  const line = new Float64Array(width);
  for (let j = 0; j < height; j++) {
    const rowSeed = hash(frame.seed, radiance.y + j, 3);
    for (let i = 0; i < width; i++) {
      const signal = data[j * width + i]! * gains[i]! + offsets[i]!;
      const spread = Math.sqrt(shot * Math.max(0, signal) + read);
      line[i] = signal + spread * normalFromBits(hash(rowSeed, radiance.x + i));
    }
    take(j, line);
  }
}

/** @param take gets the pixel's place in the lattice and a standard normal deviate of its own. */
function forEachMaskedPixel(
  { x, y, width, height }: Lattice,
  frame: Frame,
  take: (k: number, noise: number, column: DetectorColumn) => void,
): void {
  for (const column of detectorColumns(frame.samples, frame.side)) {
    const i = column.sample - x;
    if (i < 0 || i >= width) continue;
    for (let j = 0; j < height; j++) {
      take(j * width + i, normalFromBits(hash(frame.seed, x + i, y + j, 4)), column);
    }
  }
}

function gaussian(sigma: number, radius: number): [number, number, number, number] {
  const half = Array.from({ length: radius + 1 }, (_, i) => Math.exp(-(i * i) / (2 * sigma * sigma)));
  const sum = half.reduce((total, value, i) => total + value * (i === 0 ? 1 : 2), 0);
  const [a, b, c, d] = half.map((value) => value / sum);
  return [a!, b!, c!, d!];
}
