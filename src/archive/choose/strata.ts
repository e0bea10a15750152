import { UsageError } from '../../domain/errors.js';
import type { Product } from '../../domain/product.js';

/** What images can be drawn by. */
export const STRATUM_KEYS = ['latitude', 'incidence', 'resolution'] as const;
export type StratumKey = (typeof STRATUM_KEYS)[number];

/** Bins of one quantity: `[edges[i], edges[i + 1])`, the last one with its upper edge. */
export interface Binning {
  readonly key: StratumKey;
  /** Ascending: degrees, or metres per pixel. */
  readonly edges: readonly number[];
}

/**
 * Bands of 30 degrees of latitude; light from high through the low Sun that shows relief best to the terminator
 * and night; resolutions from the low orbits of 2009-2011 (0.5 m) and the paper's limit (0.8 m) upward.
 */
export const DEFAULT_EDGES: Readonly<Record<StratumKey, readonly number[]>> = {
  latitude: [-90, -60, -30, 0, 30, 60, 90],
  incidence: [0, 30, 50, 65, 80, 180],
  resolution: [0, 0.6, 0.8, 1.2, 2, 100],
};

const VALUE_OF: Readonly<Record<StratumKey, (product: Product) => number>> = {
  latitude: ({ center }) => center.lat,
  incidence: ({ incidenceDeg }) => incidenceDeg,
  resolution: ({ resolutionM }) => resolutionM,
};

/**
 * Name of the stratum that a product lies in; null when it lies outside the bins.
 * @example 'latitude=-30..0 incidence=50..65 resolution=0.6..0.8'
 */
export function stratumOf(product: Product, binnings: readonly Binning[]): string | null {
  const names: string[] = [];
  for (const { key, edges } of binnings) {
    const value = VALUE_OF[key](product);
    const last = edges.length - 2;
    const bin = value === edges[last + 1] ? last : edges.findIndex((edge) => value < edge) - 1;
    if (bin < 0) return null;
    names.push(`${key}=${edges[bin]}..${edges[bin + 1]}`);
  }
  return names.length === 0 ? 'all' : names.join(' ');
}

/**
 * Reads `--by latitude,incidence` and `--bins latitude=-90,-30,30,90`.
 * @throws UsageError for an unknown quantity, or edges that do not ascend
 */
export function parseBinnings(by: string, bins: readonly string[]): Binning[] {
  const edges = new Map(bins.map(parseBins));
  const keys = [...new Set(by.split(',').map((key) => keyOf(key, '--by')))];
  for (const key of edges.keys())
    if (!keys.includes(key))
      throw new UsageError(`--bins ${key} has no effect: --by ${by} leaves it out; add it there.`);
  return keys.map((key) => ({ key, edges: edges.get(key) ?? DEFAULT_EDGES[key] }));
}

function parseBins(text: string): [StratumKey, number[]] {
  const [name = '', list = ''] = text.split('=');
  const edges = list.split(',').map((edge) => (edge.trim() === '' ? NaN : Number(edge)));
  const ascend = edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > edges[i - 1]!));
  if (edges.length < 2 || !ascend)
    throw new UsageError(
      `--bins ${text}: give a quantity and two or more ascending edges, such as incidence=0,45,80.`,
    );
  return [keyOf(name, '--bins'), edges];
}

function keyOf(name: string, option: string): StratumKey {
  const key = STRATUM_KEYS.find((each) => each === name.trim());
  if (key !== undefined) return key;
  throw new UsageError(
    `${option} ${name.trim()}: images are drawn by ${STRATUM_KEYS.join(', ')}; give one or more of them.`,
  );
}
