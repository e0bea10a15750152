import { meanDirection } from '../geo/sphere.js';
import { cellCentre } from '../sites/ground-cells.js';
import { sunOver, sunsApartDeg } from '../sites/light.js';
import { register } from '../sites/register.js';
import type { SiteOptions } from '../sites/site-options.js';
import type { Database } from '../store/database.js';
import { comparedScans, putOffset } from '../store/queries/scan-offsets.js';
import { overviewPixels, scansOver, type RegionScan } from '../store/queries/site-region.js';

/** Pairs that were compared, and how many of them match. */
export interface RegistrationTally {
  readonly compared: number;
  readonly accepted: number;
}

/**
 * Measures how scans lie to those of the same ground under near light, as far as that is not known yet. A pair's
 * offset follows from the two images alone, so that it is of no concern which scan came first.
 */
export async function registerScans(
  db: Database,
  scanIds: readonly number[],
  cells: readonly number[],
  options: Pick<SiteOptions, 'registerLightDeg'>,
  signal: AbortSignal,
): Promise<RegistrationTally> {
  const scans = (await scansOver(db, cells)).filter(({ hasPixels }) => hasPixels);
  const compared = await comparedScans(db, scanIds);
  const wanted = new Set(scanIds);
  const done = new Set<string>();
  let [count, accepted] = [0, 0];
  for (const scan of scans.filter(({ scanId }) => wanted.has(scanId))) {
    for (const other of scans) {
      const [a, b] = scan.imageId < other.imageId ? [scan, other] : [other, scan];
      const key = `${a.scanId} ${b.scanId}`;
      if (a.imageId === b.imageId || done.has(key) || compared.get(scan.scanId)?.has(other.scanId)) continue;
      done.add(key);
      const apart = lightBetween(a, b, options.registerLightDeg);
      if (apart === null || apart > options.registerLightDeg) continue;
      signal.throwIfAborted();
      count++;
      if (await measure(db, a, b, apart)) accepted++;
    }
  }
  return { compared: count, accepted };
}

/** Angle between the Suns of two images over the ground that they share; null where they share none. */
function lightBetween(a: RegionScan, b: RegionScan, unknown: number): number | null {
  const here = new Set(a.cells);
  const shared = b.cells.filter((cell) => here.has(cell));
  if (shared.length === 0) return null;
  const place = meanDirection(shared.map(cellCentre));
  return (
    sunsApartDeg(sunOver(place, a.subSolar, a.incidenceDeg), sunOver(place, b.subSolar, b.incidenceDeg)) ??
    unknown
  );
}

async function measure(db: Database, a: RegionScan, b: RegionScan, apart: number): Promise<boolean> {
  const pixels = await overviewPixels(db, [a.scanId, b.scanId]);
  const [first, second] = [pixels.get(a.scanId), pixels.get(b.scanId)];
  if (first === undefined || second === undefined) return false;
  const found = register({ ...a, grey: first.grey }, { ...b, grey: second.grey }, apart);
  await putOffset(
    db,
    {
      ...found,
      scanA: a.scanId,
      scanB: b.scanId,
      sunsApartDeg: apart,
      ties: found.ties.flatMap((tie) => [tie.a.sample, tie.a.line, tie.b.sample, tie.b.line]),
    },
    { a: first.madeAt, b: second.madeAt },
  );
  return found.accepted;
}
