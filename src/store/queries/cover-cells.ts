import type { Queryable } from '../database.js';

/** Cells of all scans of the image by the model: only one of them counts. */
const LEAVE = `
  DELETE FROM selenoscan_data.scan_cell
  USING selenoscan_data.scan
  WHERE scan.id = scan_cell.scan_id AND scan.image_id = $1 AND scan.model_id = $2
  RETURNING scan_cell.cell`;

const ENTER = `
  INSERT INTO selenoscan_data.scan_cell (cell, scan_id, area_m2)
  SELECT covered.cell, scan.id, covered.area_m2
  FROM selenoscan_data.scan, selenoscan_data.cells_of(scan.coverage) AS covered
  WHERE scan.id = $1
  RETURNING cell`;

/**
 * Locks the cells in one order, so that commits of neighbouring images wait for one another and not in a circle.
 * The count is a statement of its own: it sees what was committed while this one waited.
 */
const LOCK = `
  INSERT INTO selenoscan_data.coverage_cell AS known (model_id, cell)
  SELECT $1, cell FROM unnest($2::integer[]) AS touched(cell) ORDER BY cell
  ON CONFLICT (model_id, cell) DO UPDATE SET cell = known.cell`;

const COLUMNS = [
  'images',
  'looks',
  'looks_high_sun',
  'looks_medium_sun',
  'looks_low_sun',
  'covered_m2',
  'first_seen',
  'last_seen',
  'best_resolution_m',
];

const COUNT = `
  UPDATE selenoscan_data.coverage_cell known
  SET ${COLUMNS.map((name) => `${name} = counted.${name}`).join(', ')}
  FROM selenoscan_data.cell_count counted
  WHERE counted.model_id = $1 AND counted.cell = ANY ($2::integer[])
    AND known.model_id = counted.model_id AND known.cell = counted.cell`;

const FORGET = `
  DELETE FROM selenoscan_data.coverage_cell known
  WHERE known.model_id = $1 AND known.cell = ANY ($2::integer[])
    AND NOT EXISTS (
      SELECT FROM selenoscan_data.scan_cell JOIN selenoscan_data.scan ON scan.id = scan_cell.scan_id
      WHERE scan_cell.cell = known.cell AND scan.model_id = known.model_id)`;

/**
 * Makes a committed scan the one that counts for its image and model in the grid of coverage, in the place of
 * an earlier one, and counts anew the few cells that either touches.
 */
export async function coverCells(
  tx: Queryable,
  scan: { readonly scanId: number; readonly imageId: string; readonly modelId: string },
): Promise<void> {
  const left = await tx.query<{ cell: number }>(LEAVE, [scan.imageId, scan.modelId]);
  const entered = await tx.query<{ cell: number }>(ENTER, [scan.scanId]);
  const cells = [...new Set([...left, ...entered].map(({ cell }) => cell))];
  if (cells.length === 0) return;
  await tx.query(LOCK, [scan.modelId, cells]);
  await tx.query(FORGET, [scan.modelId, cells]);
  await tx.query(COUNT, [scan.modelId, cells]);
}
