import type { Queryable } from '../database.js';

/** A scan around which the sites are to be built. */
export interface PendingScan {
  readonly scanId: number;
  /** Ground cells that it reaches into, and did before. */
  readonly cells: readonly number[];
  /** Whether its overview is kept. */
  readonly hasOverview: boolean;
  /** When it changed, to the microsecond. */
  readonly since: string;
}

const MARK = `
  INSERT INTO selenoscan_data.site_pending AS known (scan_id, cells)
  SELECT scan.id, $3::integer[] FROM selenoscan_data.scan
  WHERE scan.image_id = $1 AND scan.model_id = $2 AND (scan.is_current OR scan.id = $4)
  ON CONFLICT (scan_id) DO UPDATE SET cells = known.cells || EXCLUDED.cells, since = clock_timestamp()`;

/**
 * Tells the site builder that the scans of an image changed.
 *
 * @param cells ground cells that it reached into before
 */
export async function markSitesPending(
  tx: Queryable,
  scan: { readonly scanId: number; readonly imageId: string; readonly modelId: string },
  cells: readonly number[],
): Promise<void> {
  await tx.query(MARK, [scan.imageId, scan.modelId, cells, scan.scanId]);
}

const LIST = `
  SELECT pending.scan_id, pending.cells || coalesce(overview.cells, '{}') AS cells,
    overview.scan_id IS NOT NULL AS has_overview, pending.since::text
  FROM selenoscan_data.site_pending pending
  LEFT JOIN selenoscan_data.scan_overview overview USING (scan_id)
  ORDER BY pending.since, pending.scan_id LIMIT $1`;

/** Scans that changed, those first that wait longest. */
export async function pendingScans(db: Queryable, limit: number): Promise<PendingScan[]> {
  const rows = await db.query<{ scan_id: number; cells: number[]; has_overview: boolean; since: string }>(LIST, [limit]); // prettier-ignore
  return rows.map((row) => ({
    scanId: row.scan_id,
    cells: row.cells,
    hasOverview: row.has_overview,
    since: row.since,
  }));
}

/** One that changed again meanwhile stays. */
const DONE = `
  DELETE FROM selenoscan_data.site_pending
  USING unnest($1::bigint[], $2::text[]) AS built(scan_id, since)
  WHERE site_pending.scan_id = built.scan_id AND site_pending.since = built.since::timestamptz`;

export async function sitesBuilt(tx: Queryable, scans: readonly PendingScan[]): Promise<void> {
  await tx.query(DONE, [scans.map(({ scanId }) => scanId), scans.map(({ since }) => since)]);
}

/** Tells the site builder to build all sites anew. */
export async function markAllSitesPending(tx: Queryable): Promise<void> {
  await tx.query(`
    INSERT INTO selenoscan_data.site_pending (scan_id)
    SELECT id FROM selenoscan_data.scan WHERE is_current
    ON CONFLICT (scan_id) DO UPDATE SET since = clock_timestamp()`);
}

/** How many scans wait for the site builder. */
export async function countPendingScans(db: Queryable): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    'SELECT count(*) AS count FROM selenoscan_data.site_pending',
  );
  return row?.count ?? 0;
}

/** How many scans wait for a build of the sites, and since when the oldest does; null where none waits. */
export async function sitesBacklog(db: Queryable): Promise<{ scans: number; since: Date | null }> {
  const [row] = await db.query<{ scans: number; since: Date | null }>(
    'SELECT count(*) AS scans, min(since) AS since FROM selenoscan_data.site_pending',
  );
  return { scans: row?.scans ?? 0, since: row?.since ?? null };
}
