import type { Queryable } from '../database.js';

/** How fast the archive's images come, by when they were taken: the last three months that it has released. */
export interface ReleaseRate {
  readonly imagesPerDay: number;
  /** Of them, those within the deployment's limits. */
  readonly wantedPerDay: number;
  /** Pixels of the wanted ones. */
  readonly pixelsPerDay: number;
  /** Days between the first and the last image that this was counted on. */
  readonly days: number;
}

/** Null where less than a day of images is known. */
export async function releaseRate(db: Queryable, modelId: string): Promise<ReleaseRate | null> {
  const [row] = await db.query<{
    images: number;
    wanted: number;
    pixels: number | null;
    days: number | null;
  }>(
    `WITH newest AS (
       SELECT id, image_id, start_time, lines::double precision * samples AS pixels FROM selenoscan_data.product
       WHERE start_time > (SELECT max(start_time) FROM selenoscan_data.product) - interval '92 days'
     ), judged AS (
       SELECT newest.image_id, newest.start_time, bool_or(scan.state <> 'skipped') AS wanted, max(newest.pixels) AS pixels
       FROM newest LEFT JOIN selenoscan_data.scan ON scan.product_pk = newest.id AND scan.model_id = $1
       GROUP BY newest.image_id, newest.start_time
     )
     SELECT count(*) AS images, count(*) FILTER (WHERE wanted) AS wanted, sum(pixels) FILTER (WHERE wanted) AS pixels,
       (extract(epoch FROM max(start_time) - min(start_time)) / 86400)::double precision AS days
     FROM judged`,
    [modelId],
  );
  if (row === undefined || row.days === null || row.days < 1) return null;
  const { images, wanted, pixels, days } = row;
  return {
    imagesPerDay: images / days,
    wantedPerDay: wanted / days,
    pixelsPerDay: (pixels ?? 0) / days,
    days,
  };
}
