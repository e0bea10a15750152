import type { Detection } from '../../domain/detection.js';
import { encodeHalf } from '../../domain/half-float.js';
import type { Queryable } from '../database.js';
import { ewkbMultiPolygon, ewkbPoint } from '../ewkb.js';

/** Columns of a detection, each with its type and how it is read: one array parameter a column. */
const COLUMNS: readonly (readonly [name: string, type: string, read: (detection: Detection) => unknown])[] = [
  ['detection_id', 'uuid', (d) => d.detectionId],
  ['rank_in_image', 'integer', (d) => d.rankInImage],
  ['score', 'double precision', (d) => d.score],
  ['score_raw', 'double precision', (d) => d.scoreRaw],
  ['scores', 'jsonb', (d) => JSON.stringify(d.scores)],
  ['tile_x', 'integer', (d) => d.tileX],
  ['tile_y', 'integer', (d) => d.tileY],
  ['tile_count', 'integer', (d) => d.tileCount],
  ['line', 'double precision', (d) => d.peak.line],
  ['sample', 'double precision', (d) => d.peak.sample],
  ['width_px', 'double precision', (d) => d.widthPx],
  ['height_px', 'double precision', (d) => d.heightPx],
  ['outline_px', 'jsonb', (d) => JSON.stringify(d.outline.map(({ sample, line }) => [sample, line]))],
  ['lon', 'double precision', (d) => d.place?.lon ?? null],
  ['lat', 'double precision', (d) => d.place?.lat ?? null],
  ['uncertainty_m', 'double precision', (d) => d.place?.uncertaintyM ?? null],
  ['width_m', 'double precision', (d) => d.place?.widthM ?? null],
  ['height_m', 'double precision', (d) => d.place?.heightM ?? null],
  ['sun_azimuth_deg', 'double precision', (d) => d.place?.sunAzimuthDeg ?? null],
  ['geom', 'geometry', (d) => (d.place === null ? null : ewkbPoint(d.place))],
  ['latent', 'bytea', (d) => (d.latent === undefined ? null : encodeHalf(d.latent))],
  ['outline', 'geometry', (d) => (d.place === null ? null : ewkbMultiPolygon(d.place.outline))],
];

/** A geometry array separates its elements by colons, which no client writes: those travel as text. */
const arrayType = (type: string): string => (type === 'geometry' ? 'text' : type);

const NAMES = COLUMNS.map(([name]) => name);
/** Set by the scan, beside what the detection itself carries. */
const OWNERSHIP = ['scan_id', 'is_current', 'superseded_at'];
const CHANGING = [...NAMES.slice(1), ...OWNERSHIP];
const FIRST_ARRAY = 5;

/**
 * Not ON CONFLICT, which a table in partitions does not take: there a unique key holds the partition's column. The
 * transaction of a commit has the image locked, so that nobody else writes its detections meanwhile.
 */
const UPSERT = `
  WITH found AS (
    SELECT $3::bigint AS scan_id, $4::boolean AS is_current, NULL::timestamptz AS superseded_at, given.place,
      ${COLUMNS.map(([name, type]) => `${name}::${type} AS ${name}`).join(', ')}
    FROM unnest(${COLUMNS.map(([, type], i) => `$${FIRST_ARRAY + i}::${arrayType(type)}[]`).join(', ')})
      WITH ORDINALITY AS given(${NAMES.join(', ')}, place)
  ), updated AS (
    UPDATE selenoscan_data.detection known
    SET ${CHANGING.map((name) => `${name} = found.${name}`).join(', ')}
    FROM found
    WHERE known.detection_id = found.detection_id
      AND (${CHANGING.map((name) => `known.${name}`).join(', ')})
        IS DISTINCT FROM (${CHANGING.map((name) => `found.${name}`).join(', ')})
    RETURNING known.id
  ), inserted AS (
    INSERT INTO selenoscan_data.detection (image_id, model_id, ${[...OWNERSHIP, ...NAMES].join(', ')})
    SELECT $1, $2, ${[...OWNERSHIP, ...NAMES].map((name) => `found.${name}`).join(', ')}
    FROM found
    WHERE NOT EXISTS (
      SELECT FROM selenoscan_data.detection known WHERE known.detection_id = found.detection_id)
    ORDER BY found.place
    RETURNING id
  )
  SELECT (SELECT count(*) FROM inserted) AS inserted, (SELECT count(*) FROM updated) AS updated`;

const UPSERT_CHIPS = `
  INSERT INTO selenoscan_data.chip AS known (detection_pk, tile, reconstruction, error, context)
  SELECT detection.id, found.tile, found.reconstruction, found.error, found.context
  FROM unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[])
    AS found(detection_id, tile, reconstruction, error, context)
  JOIN selenoscan_data.detection USING (detection_id)
  ON CONFLICT (detection_pk) DO UPDATE
  SET tile = EXCLUDED.tile, reconstruction = EXCLUDED.reconstruction, error = EXCLUDED.error, context = EXCLUDED.context
  WHERE (known.tile, known.reconstruction, known.error, known.context)
    IS DISTINCT FROM (EXCLUDED.tile, EXCLUDED.reconstruction, EXCLUDED.error, EXCLUDED.context)`;

/**
 * Writes the detections of one scan with their chips, inserting or updating by id; rows that would not
 * change are not touched.
 */
export async function upsertDetections(
  tx: Queryable,
  scan: {
    readonly scanId: number;
    readonly imageId: string;
    readonly modelId: string;
    readonly isCurrent: boolean;
  },
  detections: readonly Detection[],
): Promise<{ inserted: number; updated: number }> {
  const [written] = await tx.query<{ inserted: number; updated: number }>(UPSERT, [
    scan.imageId,
    scan.modelId,
    scan.scanId,
    scan.isCurrent,
    ...COLUMNS.map(([, , read]) => detections.map(read)),
  ]);
  await tx.query(UPSERT_CHIPS, [
    detections.map((d) => d.detectionId),
    detections.map((d) => d.chips.tile),
    detections.map((d) => d.chips.reconstruction),
    detections.map((d) => d.chips.error),
    detections.map((d) => d.chips.context),
  ]);
  return written ?? { inserted: 0, updated: 0 };
}
