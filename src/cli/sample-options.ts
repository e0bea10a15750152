import { InvalidArgumentError } from 'commander';
import { parseBinnings } from '../archive/choose/strata.js';
import type { Config } from '../config/schema.js';
import type { BoundingBox, SampleRequest } from '../pipeline/plan-sample.js';
import { productLimits } from './limits.js';
import type { WindowOptions } from '../pipeline/sample-windows.js';

export interface SampleFlags {
  readonly out: string;
  readonly by: string;
  readonly bins: readonly string[];
  readonly images: number;
  readonly crops: number;
  readonly size: number;
  readonly maxResolution?: number;
  readonly maxIncidence?: number;
  readonly bbox?: BoundingBox;
  readonly seed: number;
  readonly volumes: readonly string[];
  readonly estimate?: boolean;
  readonly config?: string;
  readonly json?: boolean;
}

/** What to draw: flags before the configuration. @throws UsageError for strata that are none */
export function requestOf(flags: SampleFlags, config: Config): SampleRequest & WindowOptions {
  const { images, crops, size, seed, by, bins, bbox = null } = flags;
  return {
    images,
    crops,
    size,
    seed,
    bbox,
    binnings: parseBinnings(by, bins),
    limits: {
      ...productLimits(config),
      maxIncidenceDeg: flags.maxIncidence ?? config.archive.max_incidence,
      maxResolutionM: flags.maxResolution ?? config.archive.max_resolution,
    },
  };
}

/** What makes two draws the same, in plain words: kept in the folder, compared when a draw goes on. */
export function identityOf(request: SampleRequest & WindowOptions, flags: SampleFlags, { archive }: Config) {
  const { images, crops, size, seed, bbox, binnings, limits } = request;
  return {
    images,
    crops,
    size,
    seed,
    bbox,
    bins: Object.fromEntries(binnings.map(({ key, edges }) => [key, edges])),
    max_incidence: limits.maxIncidenceDeg,
    max_emission: limits.maxEmissionDeg,
    max_resolution: limits.maxResolutionM,
    min_lines: limits.minLines,
    samples: limits.samples,
    dataset: archive.dataset,
    volumes: flags.volumes,
  };
}

export function numberAbove0(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

/** @throws InvalidArgumentError for anything but W,S,E,N in degrees */
export function boundingBox(text: string): BoundingBox {
  const values = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const [west, south, east, north] = values.map((value, i) =>
    i % 2 === 0 && value > 180 && value <= 360 ? value - 360 : value,
  );
  const valid =
    values.length === 4 && Math.abs(west!) <= 180 && Math.abs(east!) <= 180 && south! >= -90 && north! <= 90;
  if (!valid || !(south! < north!))
    throw new InvalidArgumentError('Give W,S,E,N in degrees, such as -30,0,30,10.');
  return [west!, south!, east!, north!];
}
