import { COMPANDINGS, type Companding } from './companding.js';
import type { Region } from './lattice.js';
import type { SceneSpec } from './scene-spec.js';

/** What the label of an image product says beside its pixels. */
export interface ImgProduct {
  /** `M` + 9 or 10 digits + `L|R` + `E|C`. */
  readonly productId: string;
  readonly startTime: Date;
  readonly orbit: number;
  /** Name as labels spell it, e.g. `MOON`. Default `MOON`. */
  readonly target?: string;
  /** Default: the table of code 0. */
  readonly companding?: Companding;
  /** Time that one line takes, ms. Default 0.6192. */
  readonly lineMs?: number;
  /** PRODUCT_VERSION_ID. Default `v1.8`. */
  readonly version?: string;
  /** Parts whose telemetry was lost: zeros in raw products, NULL in calibrated ones. */
  readonly lost?: readonly Region[];
}

/** Time that one line takes, ms; a NAC line of 1 m on the ground takes 0.6. */
const LINE_MS = 0.6192;
/** The spacecraft's clock counts seconds from here, roughly. */
const CLOCK_START = Date.UTC(2001, 0, 1);
const CLOCK_TICKS = 65_536;
/** Lines of dark exposure before the first one, s. */
const PREROLL_S = 0.637;

/** Fields of the label that both PDS3 and PDS4 carry, by their names in PDS3 without prefix, in its order. */
export interface LabelFacts {
  readonly productId: string;
  readonly sourceId: string;
  readonly target: string;
  readonly frame: 'LEFT' | 'RIGHT';
  readonly orbit: number;
  readonly prerollTime: string;
  readonly startTime: string;
  readonly stopTime: string;
  readonly creationTime: string;
  readonly prerollClock: string;
  readonly startClock: string;
  readonly stopClock: string;
  readonly uploadId: string;
  readonly summing: 1 | 2;
  readonly exposureMs: number;
  readonly version: string;
  readonly companding: Companding;
}

export function labelFacts(product: ImgProduct, { lines, samples, frame }: SceneSpec): LabelFacts {
  const start = product.startTime.getTime();
  const preroll = start - 1000 * PREROLL_S;
  const { lineMs = LINE_MS, version = 'v1.8' } = product;
  const stop = start + lines * lineMs;
  const year = product.startTime.getUTCFullYear();
  const day = Math.floor((start - Date.UTC(year, 0, 1)) / 86_400_000) + 1;
  return {
    productId: product.productId,
    sourceId: `nac${frame === 'LEFT' ? 'l' : 'r'}${Math.floor(start / 1000)
      .toString(16)
      .slice(-8)
      .padStart(8, '0')}`,
    target: product.target ?? 'MOON',
    frame,
    orbit: product.orbit,
    prerollTime: time(preroll),
    startTime: time(start),
    stopTime: time(stop),
    // Products are made when the data are down; by the scene alone, so that it gives the same file again.
    creationTime: time(start + 2 * 86_400_000).slice(0, 19),
    prerollClock: clock(preroll),
    startClock: clock(start),
    stopClock: clock(stop),
    uploadId: `SC_${year}${String(day).padStart(3, '0')}_0000_A_V01.txt`,
    summing: samples === 2532 ? 2 : 1,
    exposureMs: lineMs,
    version,
    companding: product.companding ?? COMPANDINGS[0],
  };
}

/** Whether telemetry of a pixel was lost, line by line: marks the lost samples of a line. */
export function forEachLostRun(
  lost: readonly Region[],
  line: number,
  samples: number,
  take: (from: number, to: number) => void,
): void {
  for (const { x, y, width, height } of lost) {
    if (line >= y && line < y + height) take(Math.max(0, x), Math.min(samples, x + width));
  }
}

function time(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23);
}

function clock(ms: number): string {
  const seconds = (ms - CLOCK_START) / 1000;
  const ticks = Math.floor((seconds % 1) * CLOCK_TICKS);
  return `1/${Math.floor(seconds)}:${String(ticks).padStart(5, '0')}`;
}
