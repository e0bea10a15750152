import type { Queryable } from '../database.js';

/** The newest image that the archive told of and the newest that was scanned, by when they were taken. */
export interface NewestImages {
  readonly seen: { readonly takenAt: Date; readonly announcedAt: Date } | null;
  readonly scanned: { readonly takenAt: Date; readonly announcedAt: Date } | null;
}

/** Of the live lane; a backfill is of older images, whose age says nothing. */
export async function newestImages(db: Queryable, modelId: string): Promise<NewestImages> {
  const rows = await db.query<{ which: 'seen' | 'scanned'; taken_at: Date; announced_at: Date }>(
    `(SELECT 'seen' AS which, start_time AS taken_at, discovered_at AS announced_at
      FROM selenoscan_data.product ORDER BY start_time DESC LIMIT 1)
     UNION ALL
     (SELECT 'scanned', start_time, discovered_at
      FROM selenoscan_data.scan JOIN selenoscan_data.product ON product.id = product_pk
      WHERE model_id = $1 AND scan.finished_at IS NOT NULL ORDER BY start_time DESC LIMIT 1)`,
    [modelId],
  );
  const one = (which: 'seen' | 'scanned'): NewestImages['seen'] => {
    const row = rows.find((candidate) => candidate.which === which);
    return row === undefined ? null : { takenAt: row.taken_at, announcedAt: row.announced_at };
  };
  return { seen: one('seen'), scanned: one('scanned') };
}
