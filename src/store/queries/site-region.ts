import type { SiteDetection } from '../../domain/site.js';
import { inflateSync } from 'node:zlib';
import type { ScanOverview } from '../../domain/overview.js';
import type { Queryable } from '../database.js';

/** A current scan over some ground, with all but the pixels of its overview. */
export interface RegionScan extends Omit<ScanOverview, 'grey'> {
  readonly scanId: number;
  readonly imageId: string;
  readonly observedAt: Date;
  readonly incidenceDeg: number | null;
  readonly subSolar: { readonly lon: number; readonly lat: number } | null;
  readonly cells: readonly number[];
  readonly areaKm2: number | null;
  readonly detections: number;
  /** Whether its pixels are known, so that it can be registered. */
  readonly hasPixels: boolean;
}

interface Row {
  readonly scan_id: number;
  readonly image_id: string;
  readonly start_time: Date;
  readonly incidence_deg: number | null;
  readonly sub_solar_lon: number | null;
  readonly sub_solar_lat: number | null;
  readonly coverage_km2: number | null;
  readonly detections: number;
  readonly has_pixels: boolean;
  readonly samples: number;
  readonly lines: number;
  readonly overview_columns: number;
  readonly overview_rows: number;
  readonly cell: number;
  readonly scores: Buffer | null;
  readonly lattice_columns: number;
  readonly lattice_rows: number;
  readonly places: number[];
  readonly corners_uncertainty_m: number[];
  readonly cells: number[];
}

const SCANS = `
  SELECT scan.id AS scan_id, scan.image_id, product.start_time, product.incidence_deg, product.sub_solar_lon,
    product.sub_solar_lat, scan.coverage_km2, o.grey IS NOT NULL AS has_pixels,
    (SELECT count(*) FROM selenoscan_data.detection d WHERE d.scan_id = scan.id AND d.is_current) AS detections,
    o.samples, o.lines, o.overview_columns, o.overview_rows, o.cell, o.scores, o.lattice_columns, o.lattice_rows,
    o.places, o.corners_uncertainty_m, o.cells
  FROM selenoscan_data.scan_overview o
  JOIN selenoscan_data.scan ON scan.id = o.scan_id
  JOIN selenoscan_data.product ON product.id = scan.product_pk
  WHERE o.cells && $1::integer[] AND scan.is_current AND scan.finished_at IS NOT NULL
  ORDER BY scan.id`;

/** Waits for commits of these images, and holds back others until the transaction ends. */
const LOCK = `
  SELECT scan.id FROM selenoscan_data.scan
  WHERE scan.id IN (SELECT o.scan_id FROM selenoscan_data.scan_overview o WHERE o.cells && $1::integer[])
  ORDER BY scan.id FOR NO KEY UPDATE`;

/** Current scans that reach into ground cells. With `lock`, nobody commits these images anew before the transaction ends. */
export async function scansOver(
  db: Queryable,
  cells: readonly number[],
  options: { readonly lock?: boolean } = {},
): Promise<RegionScan[]> {
  if (options.lock === true) await db.query(LOCK, [cells]);
  const rows = await db.query<Row>(SCANS, [cells]);
  return rows.map((row) => ({
    scanId: row.scan_id,
    imageId: row.image_id,
    observedAt: row.start_time,
    incidenceDeg: row.incidence_deg,
    subSolar:
      row.sub_solar_lon === null || row.sub_solar_lat === null
        ? null
        : { lon: row.sub_solar_lon, lat: row.sub_solar_lat },
    areaKm2: row.coverage_km2,
    detections: row.detections,
    hasPixels: row.has_pixels,
    samples: row.samples,
    lines: row.lines,
    columns: row.overview_columns,
    rows: row.overview_rows,
    cell: row.cell,
    scores: row.scores === null ? null : inflateSync(row.scores),
    lattice: {
      columns: row.lattice_columns,
      rows: row.lattice_rows,
      places: Array.from({ length: row.places.length / 2 }, (_, i) => ({
        lon: row.places[2 * i]!,
        lat: row.places[2 * i + 1]!,
      })),
    },
    cornersUncertaintyM: row.corners_uncertainty_m,
    cells: row.cells,
  }));
}

/** Grey levels of scans' overviews by their numbers. */
export async function overviewPixels(
  db: Queryable,
  scanIds: readonly number[],
): Promise<Map<number, { readonly grey: Uint8Array; readonly madeAt: string }>> {
  const rows = await db.query<{ scan_id: number; grey: Buffer; made_at: string }>(
    `SELECT scan_id, grey, made_at::text FROM selenoscan_data.scan_overview
     WHERE scan_id = ANY ($1::bigint[]) AND grey IS NOT NULL`,
    [scanIds],
  );
  return new Map(
    rows.map(({ scan_id, grey, made_at: madeAt }) => [scan_id, { grey: inflateSync(grey), madeAt }]),
  );
}

const DETECTIONS = `
  SELECT id AS pk, detection_id AS "detectionId", image_id AS "imageId", lon, lat, uncertainty_m AS "uncertaintyM",
    sample, line, greatest(coalesce(width_m, 0), coalesce(height_m, 0)) AS "sizeM", score, site_id AS "siteId"
  FROM selenoscan_data.detection
  WHERE is_current AND lon IS NOT NULL AND uncertainty_m IS NOT NULL AND `;

export async function detectionsOfScans(db: Queryable, scanIds: readonly number[]): Promise<SiteDetection[]> {
  return db.query<SiteDetection>(`${DETECTIONS} scan_id = ANY ($1::bigint[]) ORDER BY id`, [scanIds]);
}

/** Numbers of the sites whose earliest detection lies in one of the ground cells. */
export async function sitesInCells(db: Queryable, cells: readonly number[]): Promise<number[]> {
  const rows = await db.query<{ id: number }>(
    'SELECT id FROM selenoscan_data.site WHERE cell = ANY ($1::integer[]) ORDER BY id',
    [cells],
  );
  return rows.map(({ id }) => id);
}

export async function detectionsOfSites(db: Queryable, siteIds: readonly number[]): Promise<SiteDetection[]> {
  return db.query<SiteDetection>(`${DETECTIONS} site_id = ANY ($1::bigint[]) ORDER BY id`, [siteIds]);
}
