import { decodeHalf } from '../../domain/half-float.js';
import type { Database, Queryable } from '../database.js';

/** A current detection as the learned order sees it. */
export interface LatentDetection {
  readonly id: number;
  readonly imageId: string;
  readonly score: number;
  readonly scores: Record<string, number>;
  readonly latent: Float32Array;
  /** The verdict that counts. */
  readonly review: string | null;
}

interface Row {
  readonly id: number;
  readonly image_id: string;
  readonly score: number;
  readonly scores: Record<string, number>;
  readonly latent: Uint8Array;
  readonly review: string | null;
}

const COLUMNS = 'id, image_id, score, scores, latent, review';

/** Reviewed ones, the latest first. */
export async function reviewedLatents(db: Queryable, limit: number): Promise<LatentDetection[]> {
  const rows = await db.query<Row>(
    `SELECT ${COLUMNS} FROM selenoscan_data.detection
     WHERE is_current AND review IS NOT NULL AND latent IS NOT NULL
     ORDER BY reviewed_at DESC NULLS LAST, id LIMIT $1`,
    [limit],
  );
  return rows.map(latentDetection);
}

/** The highest scores first; from behind `after` on, and where `unranked` those without a learned value alone. */
export async function latentsByScore(
  db: Queryable,
  o: {
    readonly after: { readonly score: number; readonly id: number } | null;
    readonly floor: number;
    readonly unranked: boolean;
    readonly limit: number;
  },
): Promise<LatentDetection[]> {
  const rows = await db.query<Row>(
    `SELECT ${COLUMNS} FROM selenoscan_data.detection d
     WHERE is_current AND latent IS NOT NULL AND score <= $1 AND (score < $1 OR id > $2) AND score >= $3
       AND (NOT $4 OR NOT EXISTS (SELECT FROM selenoscan_data.learned_order WHERE detection_pk = d.id))
     ORDER BY score DESC, id LIMIT $5`,
    [o.after?.score ?? 1000, o.after?.id ?? 0, o.floor, o.unranked, o.limit],
  );
  return rows.map(latentDetection);
}

function latentDetection({ image_id: imageId, latent, ...rest }: Row): LatentDetection {
  return { ...rest, imageId, latent: decodeHalf(latent) };
}

export interface LearnedValues {
  readonly ids: readonly number[];
  readonly values: readonly number[];
}

const INSERT = `
  INSERT INTO selenoscan_data.learned_order (detection_pk, value)
  SELECT id, value FROM unnest($1::bigint[], $2::double precision[]) AS made(id, value)
  ON CONFLICT (detection_pk) DO UPDATE SET value = EXCLUDED.value`;

export async function addLearned(db: Queryable, { ids, values }: LearnedValues): Promise<void> {
  if (ids.length > 0) await db.query(INSERT, [ids, values]);
}

/** Puts the order in place of the one that was; without values there is none. */
export async function replaceLearned(db: Database, learned: LearnedValues): Promise<void> {
  await db.transaction(async (tx) => {
    // Two servers on one database may both have learnt: the later order counts as a whole.
    await tx.query('LOCK TABLE selenoscan_data.learned_order IN SHARE ROW EXCLUSIVE MODE');
    await tx.query('DELETE FROM selenoscan_data.learned_order');
    await addLearned(tx, learned);
  });
}

export async function countLearned(db: Queryable): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    'SELECT count(*) AS count FROM selenoscan_data.learned_order',
  );
  return row?.count ?? 0;
}
