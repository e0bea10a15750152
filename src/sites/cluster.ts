import { apart, MOST_APART_M } from './associate.js';
import { Density } from './density.js';
import { groundCell, withNeighbours } from './ground-cells.js';
import type { GroundFits } from './ground-fits.js';
import { completeLinkage, type Bond } from './linkage.js';
import { Neighbours } from './neighbours.js';
import type { SiteDetection } from '../domain/site.js';
import type { SiteScan } from './site-data.js';
import type { SiteOptions } from './site-options.js';

export interface Clustered {
  /** Detections that are one place each, the earliest observed first. */
  readonly clusters: readonly (readonly SiteDetection[])[];
  /** Place of a detection among all of the clusters, the earliest observed first. */
  readonly order: (detection: SiteDetection) => number;
  /** Cells beyond those given that the result depends on: where there are any it does not hold yet. */
  readonly missing: ReadonlySet<number>;
}

/** Work goes on for so long before others have their turn, ms. */
const TURN_MS = 50;

/**
 * Puts detections together that are one place: those asked for, and all that these may be one with, directly or by
 * others.
 *
 * @param cells ground cells of which all scans and detections are given
 */
export async function clusterAround(
  asked: readonly SiteDetection[],
  all: readonly SiteDetection[],
  scans: readonly SiteScan[],
  cells: ReadonlySet<number>,
  fits: GroundFits,
  options: SiteOptions,
): Promise<Clustered> {
  const density = new Density(scans, all);
  const neighbours = new Neighbours(all, MOST_APART_M);
  const observed = new Map(scans.map(({ imageId, observedAt }) => [imageId, observedAt.getTime()]));
  const closed = new Map<number, SiteDetection>();
  const bonds = new Map<string, { a: SiteDetection; b: SiteDetection; apart: number }>();
  const missing = new Set<number>();
  const open = [...asked];
  let turn = performance.now();
  for (let here = open.pop(); here !== undefined; here = open.pop()) {
    if (closed.has(here.pk)) continue;
    closed.set(here.pk, here);
    if (performance.now() - turn > TURN_MS) {
      await new Promise((resolve) => setImmediate(resolve));
      turn = performance.now();
    }
    const beyond = [...withNeighbours([groundCell(here)])].filter((cell) => !cells.has(cell));
    if (beyond.length > 0) {
      for (const cell of beyond) missing.add(cell);
      continue;
    }
    for (const other of neighbours.near(here)) {
      const key = here.pk < other.pk ? `${here.pk} ${other.pk}` : `${other.pk} ${here.pk}`;
      if (other.pk === here.pk || bonds.has(key)) continue;
      const far = apart(here, other, fits, density, options);
      if (far === null) continue;
      bonds.set(key, { a: here, b: other, apart: far });
      open.push(other);
    }
  }
  if (missing.size > 0) return { clusters: [], order: () => 0, missing };
  const sorted = [...closed.values()].sort(
    (a, b) =>
      (observed.get(a.imageId) ?? 0) - (observed.get(b.imageId) ?? 0) ||
      (a.detectionId < b.detectionId ? -1 : 1),
  );
  const number = new Map(sorted.map(({ pk }, i) => [pk, i]));
  const numbered = [...bonds.values()].map((bond): Bond => ({
    a: number.get(bond.a.pk)!,
    b: number.get(bond.b.pk)!,
    apart: bond.apart,
  }));
  const clusters = completeLinkage(sorted.length, numbered).map((members) => members.map((i) => sorted[i]!));
  return { clusters, order: ({ pk }) => number.get(pk)!, missing };
}
