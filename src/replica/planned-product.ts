import type { SceneSpec } from '../simulation/scene.js';
import { RandomStream, hash } from '../simulation/random.js';
import { planLook, type Look } from './orbit.js';
import type { VolumePeriod } from './volume-period.js';

/** One NAC image of the replica: when and how it was taken, and what its picture will show. */
export interface PlannedProduct {
  readonly productId: string;
  readonly frame: 'LEFT' | 'RIGHT';
  readonly startTime: Date;
  readonly stopTime: Date;
  /** Seconds per line. */
  readonly exposureS: number;
  /** Spacecraft clock at the start, seconds. */
  readonly clock: number;
  readonly look: Look;
  readonly scene: SceneSpec;
}

export interface ProductOptions {
  readonly seed: number;
  readonly images: number;
  readonly lines: number;
  readonly samples: number;
}

/** Landers in every image, 4-9 px each. */
const LANDERS = 5;
/** Ground speed of the orbit, m/s. */
const GROUND_SPEED = 1600;

/**
 * The NAC products of a volume: half of them smooth, half rugged terrain; the four flips in turn for either
 * terrain; left and right frames.
 */
export function planProducts(period: VolumePeriod, options: ProductOptions): PlannedProduct[] {
  const seed = hash(options.seed, period.from.getTime() / 86_400_000);
  const random = new RandomStream(seed);
  const firstFlip = random.integer(0, 3);
  const span = period.to.getTime() - period.from.getTime();
  return Array.from({ length: options.images }, (_, n) => {
    const share = (n + random.between(0.1, 0.9)) / options.images;
    const startTime = new Date(Math.round(period.from.getTime() + share * span));
    return planProduct(n, startTime, hash(seed, n, 1), firstFlip, options);
  });
}

function planProduct(
  n: number,
  startTime: Date,
  seed: number,
  firstFlip: number,
  { lines, samples }: ProductOptions,
): PlannedProduct {
  const flip = (firstFlip + n + Math.floor(n / 4)) % 4;
  const look = planLook(new RandomStream(seed), { time: startTime, lines, samples, flip });
  const { pixelAcrossM, pixelAlongM } = look.strip.geometry;
  const frame = (n >> 1) % 2 === 0 ? 'LEFT' : 'RIGHT';
  const clock = clockSeconds(startTime);
  const exposureS = pixelAlongM / GROUND_SPEED;
  return {
    productId: `M${idNumber(clock)}${frame === 'LEFT' ? 'L' : 'R'}C`,
    frame,
    startTime,
    stopTime: new Date(startTime.getTime() + Math.round(lines * exposureS * 1000)),
    exposureS,
    clock,
    look,
    scene: {
      seed: hash(seed, 2),
      lines,
      samples,
      terrain: n % 2 === 0 ? 'smooth' : 'rugged',
      towardsSun: look.strip.directionTo(look.subSolar),
      incidenceDeg: look.incidenceDeg,
      pixelAcrossM,
      pixelAlongM,
      frame,
      landers: LANDERS,
    },
  };
}

/** Spacecraft clock of LRO: seconds since 2001-01-01, as real records agree within a second. */
export function clockSeconds(time: Date): number {
  return Math.floor((time.getTime() - Date.UTC(2001, 0, 1)) / 1000);
}

/** The number in a product id follows the clock; its origin moved in 2012 when it went from 9 to 10 digits. */
export function idNumber(clock: number): number {
  return clock < 360_000_000 ? clock - 167_053_534 : clock + 732_946_467;
}
