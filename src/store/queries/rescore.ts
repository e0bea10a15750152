import type { ScanProfile } from '../../domain/scan-profile.js';
import type { Queryable } from '../database.js';

/** A scan whose scores were made with another calibration than the given one. */
export interface StaleScan {
  readonly scanId: number;
  /** Null where it is not known, as in scans of earlier versions of this program. */
  readonly profile: Pick<ScanProfile, 'incidenceDeg' | 'contrast'> | null;
  readonly incidenceDeg: number | null;
  readonly detections: readonly { readonly id: number; readonly scoreRaw: number }[];
}

/** Finished scans of a model in the order of their numbers, locked until the transaction ends. */
const STALE = `
  SELECT scan.id, scan.profile, product.incidence_deg
  FROM selenoscan_data.scan JOIN selenoscan_data.product ON product.id = scan.product_pk
  WHERE scan.model_id = $1 AND scan.calibration_version <> $2 AND scan.finished_at IS NOT NULL
  ORDER BY scan.id LIMIT $3 FOR NO KEY UPDATE OF scan`;

export async function staleScans(
  tx: Queryable,
  o: { readonly modelId: string; readonly version: number; readonly limit: number },
): Promise<StaleScan[]> {
  const scans = await tx.query<{ id: number; profile: ScanProfile | null; incidence_deg: number | null }>(
    STALE,
    [o.modelId, o.version, o.limit],
  );
  const detections = await tx.query<{ id: number; scan_id: number; score_raw: number }>(
    'SELECT id, scan_id, score_raw FROM selenoscan_data.detection WHERE scan_id = ANY ($1::bigint[]) ORDER BY id',
    [scans.map(({ id }) => id)],
  );
  return scans.map(({ id, profile, incidence_deg: incidenceDeg }) => ({
    scanId: id,
    profile,
    incidenceDeg,
    detections: detections
      .filter((detection) => detection.scan_id === id)
      .map((detection) => ({ id: detection.id, scoreRaw: detection.score_raw })),
  }));
}

const SET_SCORES = `
  UPDATE selenoscan_data.detection SET score = made.score
  FROM unnest($1::bigint[], $2::double precision[]) AS made(id, score)
  WHERE detection.id = made.id AND detection.score <> made.score`;
/** Objects of an image in the order of their scores, ties as they were. */
const SET_RANKS = `
  UPDATE selenoscan_data.detection SET rank_in_image = ranked.place
  FROM (
    SELECT id, row_number() OVER (PARTITION BY scan_id ORDER BY score DESC, rank_in_image, id) AS place
    FROM selenoscan_data.detection WHERE scan_id = ANY ($1::bigint[]) AND superseded_at IS NULL) ranked
  WHERE detection.id = ranked.id AND detection.rank_in_image <> ranked.place`;
const SET_SITES = `
  UPDATE selenoscan_data.site SET best_score = best.score
  FROM (
    SELECT site_id, max(score) AS score FROM selenoscan_data.detection
    WHERE is_current AND site_id IN (
      SELECT site_id FROM selenoscan_data.detection WHERE scan_id = ANY ($1::bigint[]) AND site_id IS NOT NULL)
    GROUP BY site_id) best
  WHERE site.id = best.site_id AND site.best_score IS DISTINCT FROM best.score`;
/** For those who keep results in mind: see `resultsRevision`. */
const NOTE_CHANGE = `
  INSERT INTO selenoscan_data.setting (key, value) VALUES ('scores.version', to_jsonb($1::integer))
  ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, updated_at = clock_timestamp()`;
const SET_VERSION = 'UPDATE selenoscan_data.scan SET calibration_version = $2 WHERE id = ANY ($1::bigint[])';

/** Writes new scores of detections, with what follows from them; rows that would not change are not touched. */
export async function writeScores(
  tx: Queryable,
  o: {
    readonly scanIds: readonly number[];
    readonly version: number;
    readonly scores: readonly { readonly id: number; readonly score: number }[];
  },
): Promise<void> {
  await tx.query(SET_SCORES, [o.scores.map(({ id }) => id), o.scores.map(({ score }) => score)]);
  await tx.query(SET_RANKS, [o.scanIds]);
  await tx.query(SET_SITES, [o.scanIds]);
  await tx.query(SET_VERSION, [o.scanIds, o.version]);
  await tx.query(NOTE_CHANGE, [o.version]);
}
