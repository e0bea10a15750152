import { deflateSync } from 'node:zlib';
import type { ScanOverview } from '../../domain/overview.js';
import type { Queryable } from '../database.js';

const COLUMNS = [
  'samples',
  'lines',
  'overview_columns',
  'overview_rows',
  'cell',
  'grey',
  'scores',
  'lattice_columns',
  'lattice_rows',
  'places',
  'corners_uncertainty_m',
  'cells',
] as const;
/** What registration rests on: scores may change without it. */
const SEEN = COLUMNS.filter((name) => name !== 'scores');

const PUT = `
  INSERT INTO selenoscan_data.scan_overview AS known (scan_id, ${COLUMNS.join(', ')})
  VALUES ($1, ${COLUMNS.map((_, i) => `$${i + 2}`).join(', ')})
  ON CONFLICT (scan_id) DO UPDATE
  SET ${COLUMNS.map((name) => `${name} = EXCLUDED.${name}`).join(', ')}, made_at = clock_timestamp()`;

const SAME = `
  SELECT cells, (${SEEN.join(', ')}) IS NOT DISTINCT FROM (${SEEN.map((_, i) => `$${i + 2}`).join(', ')}) AS same
  FROM selenoscan_data.scan_overview WHERE scan_id = $1`;

const FORGET_OFFSETS = 'DELETE FROM selenoscan_data.scan_offset WHERE scan_a = $1 OR scan_b = $1';

/**
 * Keeps the overview of a scan; how it lies to others is to be measured anew where it shows other ground.
 *
 * @param cells ground cells that the image reaches into
 * @returns ground cells that it reached into before
 */
export async function putOverview(
  tx: Queryable,
  scanId: number,
  overview: ScanOverview,
  cells: readonly number[],
): Promise<readonly number[]> {
  const { samples, lines, columns, rows, cell, grey, scores, lattice } = overview;
  const values: Record<(typeof COLUMNS)[number], unknown> = {
    samples,
    lines,
    overview_columns: columns,
    overview_rows: rows,
    cell,
    grey: grey === null ? null : deflateSync(grey),
    scores: scores === null ? null : deflateSync(scores),
    lattice_columns: lattice.columns,
    lattice_rows: lattice.rows,
    places: lattice.places.flatMap(({ lon, lat }) => [lon, lat]),
    corners_uncertainty_m: overview.cornersUncertaintyM,
    cells,
  };
  const [before] = await tx.query<{ cells: number[]; same: boolean }>(SAME, [
    scanId,
    ...SEEN.map((name) => values[name]),
  ]);
  if (before?.same === false) await tx.query(FORGET_OFFSETS, [scanId]);
  await tx.query(PUT, [scanId, ...COLUMNS.map((name) => values[name])]);
  return before?.cells ?? [];
}
