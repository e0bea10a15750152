import type { PixelVector } from '../domain/geometry.js';
import type { ScanProfile } from '../domain/scan-profile.js';
import { UsageError } from '../domain/errors.js';
import { TILE_SIZE } from '../model/architecture.js';
import type { Calibration } from '../scoring/calibration.js';
import { fitCalibration } from '../scoring/fit-calibration.js';
import {
  FEWEST_TILES,
  normaliseImage,
  type PooledStatistics,
  type ScoreName,
  scoresNamed,
} from '../scoring/normalise.js';
import { medianTerrain } from '../scoring/median-terrain.js';
import { BrightnessCounter, profileOf } from '../scoring/scan-profile.js';
import { StripScorer } from '../scoring/score-strip.js';
import type { Scorer } from '../scoring/scorer.js';
import { planGrid } from '../tiling/grid.js';
import { DEFAULT_MASKS, masksFor } from '../tiling/mask-options.js';
import { planStrips } from '../tiling/strips.js';
import type { TrainingImage } from './images.js';
import type { SunDirections } from './sun-directions.js';

const BATCH = 64;
const STRIDE = TILE_SIZE / 2;

export type Images = Iterable<TrainingImage> | AsyncIterable<TrainingImage>;

/** What more than the images themselves is known or wanted. */
export interface CalibrationOptions {
  /** Default score of the model. */
  readonly score?: ScoreName;
  /** Angle of the Sun from the zenith, degrees, by file name, as far as it is known. */
  readonly incidences?: ReadonlyMap<string, number>;
  /**
   * Terrain that stands in where there are no images of like light, such as a synthetic one; where there are, it
   * counts little beside them.
   */
  readonly standIns?: Images;
}

/**
 * Learns how plain terrain scores, by the same steps as a scan: each image whole, tiles every 32 pixels.
 * @throws UsageError for fewer than 100 scored tiles.
 */
export async function calibrateOnImages(
  scorer: Scorer,
  channels: number,
  images: Images,
  sun: SunDirections = new Map(),
  { score = 'b', incidences = new Map(), standIns = [] }: CalibrationOptions = {},
): Promise<Calibration> {
  const strips = new StripScorer(scorer, { channels, batch: BATCH });
  const scoreAll = async (given: Images): Promise<ScoredImage[]> => {
    const scored: ScoredImage[] = [];
    for await (const image of given) {
      const incidenceDeg = incidences.get(image.name) ?? null;
      const one = await scoreImage(strips, image, shadowOf(sun.get(image.name)), score, incidenceDeg);
      if (one !== null) scored.push(one);
    }
    return scored;
  };
  const before = await scoreAll(standIns);
  const own = await scoreAll(images);
  const pooled = medianTerrain(own.map(({ terrain }) => terrain));
  const profiles = (of: readonly ScoredImage[]): ScanProfile[] => of.map(({ profile }) => profile);
  try {
    const prior = before.length === 0 ? null : fitCalibration(profiles(before), score, { pooled });
    return fitCalibration(profiles(own), score, { pooled, prior });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(
      `The images hold fewer than ${FEWEST_TILES} tiles that can be scored, too few to calibrate on: give more images.`,
      { cause: error },
    );
  }
}

interface ScoredImage {
  readonly profile: ScanProfile;
  readonly terrain: PooledStatistics;
}

/** Null where every tile is masked. */
async function scoreImage(
  strips: StripScorer,
  image: TrainingImage,
  shadow: PixelVector | null,
  score: ScoreName,
  incidenceDeg: number | null,
): Promise<ScoredImage | null> {
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
  const parts = await strips.score(job);
  const { named, terrain } = normaliseImage(parts, null);
  const brightness = new BrightnessCounter();
  brightness.add(strip);
  const profile = profileOf(score, scoresNamed(named, score), parts, brightness.histogram(), incidenceDeg);
  return profile && { profile, terrain };
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
