import type { PixelVector } from '../domain/geometry.js';
import { UsageError } from '../domain/errors.js';
import { TILE_SIZE } from '../model/vae.js';
import type { Calibration } from '../scoring/calibration.js';
import { fitCalibration } from '../scoring/fit-calibration.js';
import { FEWEST_TILES, type ImageScores, normaliseImage } from '../scoring/normalise.js';
import { StripScorer } from '../scoring/score-strip.js';
import type { Scorer } from '../scoring/scorer.js';
import { planGrid } from '../tiling/grid.js';
import { DEFAULT_MASKS, masksFor } from '../tiling/mask-options.js';
import { planStrips } from '../tiling/strips.js';
import type { TrainingImage } from './images.js';
import type { SunDirections } from './sun-directions.js';

const BATCH = 64;
const STRIDE = TILE_SIZE / 2;

/**
 * Learns how plain terrain scores, by the same steps as a scan: each image whole, tiles every 32 pixels.
 * @throws UsageError for fewer than 100 scored tiles.
 */
export async function calibrateOnImages(
  scorer: Scorer,
  channels: number,
  images: readonly TrainingImage[],
  sun: SunDirections = new Map(),
): Promise<Calibration> {
  const strips = new StripScorer(scorer, { channels, batch: BATCH });
  const scores: ImageScores[] = [];
  for (const image of images) scores.push(await scoreImage(strips, image, shadowOf(sun.get(image.name))));
  try {
    return fitCalibration(scores);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(
      `The images hold fewer than ${FEWEST_TILES} tiles that can be scored, too few to calibrate on: give more images.`,
      { cause: error },
    );
  }
}

async function scoreImage(
  strips: StripScorer,
  image: TrainingImage,
  shadow: PixelVector | null,
): Promise<ImageScores> {
  const { width, height } = image;
  const grid = planGrid(image, { size: TILE_SIZE, strideX: STRIDE, strideY: STRIDE });
  const [plan, ...others] = planStrips(grid, height, { tileRows: grid.ys.length, halo: height });
  if (plan === undefined || others.length > 0) throw new Error(`${image.name} was not planned as one strip.`);
  const strip = { firstLine: 0, lines: height, width, data: firstChannel(image) };
  const job = {
    strip,
    plan,
    grid,
    imageWidth: width,
    imageHeight: height,
    shadow,
    masks: masksFor(image, DEFAULT_MASKS),
  };
  return normaliseImage(await strips.score(job), null);
}

/** Unit vector away from the Sun, given the direction towards it in degrees clockwise from up. */
function shadowOf(towardsSunDeg: number | undefined): PixelVector | null {
  if (towardsSunDeg === undefined) return null;
  const angle = (towardsSunDeg * Math.PI) / 180;
  return { x: -Math.sin(angle), y: Math.cos(angle) };
}

function firstChannel(image: TrainingImage): Uint8Array {
  const { channels, pixels } = image;
  if (channels === 1) return pixels;
  return new Uint8Array(pixels.length / channels).map((_, i) => pixels[i * channels] ?? 0);
}
