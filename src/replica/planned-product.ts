import type { DataSet } from '../archive/data-set.js';
import type { SceneSpec } from '../simulation/scene.js';
import { RandomStream, hash } from '../simulation/random.js';
import { SHORT_LINES, SUMMED_SAMPLES, oddKind, type OddKind, type OddShares } from './odd-rows.js';
import { planLook, type Look } from './orbit.js';

/** One NAC image of the replica: when and how it was taken, and what its picture will show. */
export interface PlannedProduct {
  readonly productId: string;
  readonly dataSet: DataSet;
  readonly frame: 'LEFT' | 'RIGHT';
  readonly startTime: Date;
  readonly stopTime: Date;
  /** Seconds per line. */
  readonly exposureS: number;
  /** Spacecraft clock at the start, seconds. */
  readonly clock: number;
  readonly look: Look;
  readonly scene: SceneSpec;
  /** What is odd about it, where something is. */
  readonly odd: OddKind | null;
  /** How often the archive made it anew. */
  readonly revision: number;
}

export interface ProductOptions {
  readonly seed: number;
  /** NAC products in each volume. */
  readonly images: number;
  readonly lines: number;
  readonly samples: number;
  /** Default `cdr`. */
  readonly dataSet?: DataSet;
  /** Default none. */
  readonly odd?: OddShares;
}

/** Landers in every image that is long enough, 4-9 px each. */
const LANDERS = 5;
/** Ground speed of the orbit, m/s. */
const GROUND_SPEED = 1600;
/** Largest incidence at which scenes can be lit, degrees; a night's scene is lit by it. */
const LOWEST_SUN = 88;

/**
 * Plans the n-th product of a volume: half of them smooth, half rugged terrain; the four flips in turn for either
 * terrain; left and right frames.
 * @param seed of the volume
 */
export function planProduct(
  n: number,
  startTime: Date,
  seed: number,
  options: ProductOptions,
  revision = 0,
): PlannedProduct {
  const own = hash(seed, n, 1);
  const odd = oddKind(own, options.odd ?? {});
  const lines = odd === 'short' ? SHORT_LINES : options.lines;
  const samples = odd === 'summed' ? SUMMED_SAMPLES : options.samples;
  const flip = (firstFlip(seed) + n + Math.floor(n / 4)) % 4;
  const night = odd === 'night';
  const look = planLook(new RandomStream(own), { time: startTime, lines, samples, flip, night });
  const { pixelAcrossM, pixelAlongM } = look.strip.geometry;
  const dataSet = options.dataSet ?? 'cdr';
  const clock = clockSeconds(startTime);
  const exposureS = pixelAlongM / GROUND_SPEED;
  const frame = frameOf(n);
  return {
    productId: productIdOf(n, startTime, dataSet),
    dataSet,
    frame,
    startTime,
    stopTime: new Date(startTime.getTime() + Math.round(lines * exposureS * 1000)),
    exposureS,
    clock,
    look,
    scene: {
      seed: hash(own, 2),
      lines,
      samples,
      terrain: n % 2 === 0 ? 'smooth' : 'rugged',
      towardsSun: look.strip.directionTo(look.subSolar),
      incidenceDeg: Math.min(look.incidenceDeg, LOWEST_SUN),
      pixelAcrossM,
      pixelAlongM,
      frame,
      landers: odd === 'short' || night ? 0 : LANDERS,
    },
    odd,
    revision,
  };
}

function firstFlip(seed: number): number {
  return new RandomStream(seed).integer(0, 3);
}

function frameOf(n: number): 'LEFT' | 'RIGHT' {
  return (n >> 1) % 2 === 0 ? 'LEFT' : 'RIGHT';
}

/** Id of a volume's n-th product. */
export function productIdOf(n: number, startTime: Date, dataSet: DataSet): string {
  const letters = `${frameOf(n) === 'LEFT' ? 'L' : 'R'}${dataSet === 'cdr' ? 'C' : 'E'}`;
  return `M${idNumber(clockSeconds(startTime))}${letters}`;
}

/** Spacecraft clock of LRO: seconds since 2001-01-01, as real records agree within a second. */
export function clockSeconds(time: Date): number {
  return Math.floor((time.getTime() - Date.UTC(2001, 0, 1)) / 1000);
}

/** The number in a product id follows the clock; its origin moved in 2012 when it went from 9 to 10 digits. */
export function idNumber(clock: number): number {
  return clock < 360_000_000 ? clock - 167_053_534 : clock + 732_946_467;
}
