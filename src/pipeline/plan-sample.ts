import { filterProduct, type ProductLimits } from '../archive/choose/filter-product.js';
import { isInBox, type LonLatBox } from '../archive/choose/meets-box.js';
import { stratumOf, type Binning } from '../archive/choose/strata.js';
import { CandidatePool, sharesOf } from '../archive/choose/stratified-draw.js';
import type { VolumeIndexSource } from '../archive/index/volume-index-source.js';
import type { SamplePlan } from './sample-record.js';

/** West, south, east, north in degrees; over the antimeridian where west > east. */
export type BoundingBox = LonLatBox;

export interface SampleRequest {
  readonly images: number;
  readonly seed: number;
  readonly binnings: readonly Binning[];
  readonly limits: ProductLimits;
  readonly bbox: BoundingBox | null;
}

/** Candidates kept of a stratum beyond its share: for those that fail, and for shares of strata that run out. */
const SPARE = 10;

/**
 * Reads the index of the volumes and chooses the candidates of each stratum. Memory grows with images times
 * strata, not with the index.
 * @param onVolume after each volume; null records: it is not there
 */
export async function planSample(
  archive: Pick<VolumeIndexSource, 'volume'>,
  volumeIds: readonly string[],
  request: SampleRequest,
  onVolume: (volume: string, records: number | null) => void,
  signal: AbortSignal,
): Promise<Omit<SamplePlan, 'options'>> {
  const { images, seed, binnings, limits, bbox } = request;
  const pool = new CandidatePool(seed, images + SPARE);
  const leftOut: Record<string, number> = {};
  const volumes: { volume: string; records: number | null }[] = [];
  const leave = (reason: string): void => void (leftOut[reason] = (leftOut[reason] ?? 0) + 1);
  for (const volume of volumeIds) {
    const release = await archive.volume(volume, signal);
    for await (const { product, doubt } of release?.products ?? []) {
      signal.throwIfAborted();
      const fault = doubt?.skips === true ? doubt : filterProduct(product, limits);
      const stratum = stratumOf(product, binnings);
      if (bbox !== null && !isInBox(product.center, bbox)) leave('bbox');
      else if (fault !== null) leave(fault.code);
      else if (stratum === null) leave('bins');
      else pool.add(stratum, product);
    }
    const records = release?.counts.records ?? null;
    volumes.push({ volume, records });
    onVolume(volume, records);
  }
  const strata = pool.strata();
  const shares = sharesOf(strata, images);
  return {
    volumes,
    left_out: leftOut,
    strata: strata.map(({ name, available, candidates }, i) => ({
      name,
      available,
      candidates: candidates.slice(0, shares[i]! + Math.max(SPARE, shares[i]!)),
    })),
  };
}
