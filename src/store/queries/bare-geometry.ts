import type { Corners } from '../../domain/geometry.js';
import type { Queryable } from '../database.js';

/** What an index row says of where a scan's image lies. */
export interface BareGeometry {
  readonly scanId: number;
  readonly samples: number;
  readonly lines: number;
  readonly emissionDeg: number;
  readonly corners: Corners;
}

interface Row {
  readonly scan_id: number;
  readonly samples: number;
  readonly lines: number;
  readonly emission_deg: number | null;
  readonly upper_left_lon: number;
  readonly upper_left_lat: number;
  readonly upper_right_lon: number;
  readonly upper_right_lat: number;
  readonly lower_right_lon: number;
  readonly lower_right_lat: number;
  readonly lower_left_lon: number;
  readonly lower_left_lat: number;
}

const CORNERS = ['upper_left', 'upper_right', 'lower_right', 'lower_left'] as const;
const COLUMNS = CORNERS.flatMap((corner) => [`${corner}_lon`, `${corner}_lat`]);

/** Of those of the scans whose row has all of it. */
export async function bareGeometry(db: Queryable, scanIds: readonly number[]): Promise<BareGeometry[]> {
  const rows = await db.query<Row>(
    `SELECT scan.id AS scan_id, samples, lines, emission_deg, ${COLUMNS.join(', ')}
     FROM selenoscan_data.scan JOIN selenoscan_data.product ON product.id = scan.product_pk
     WHERE scan.id = ANY ($1::bigint[]) AND samples IS NOT NULL AND lines IS NOT NULL
       AND ${COLUMNS.map((name) => `${name} IS NOT NULL`).join(' AND ')}
     ORDER BY scan.id`,
    [scanIds],
  );
  return rows.map((row) => ({
    scanId: row.scan_id,
    samples: row.samples,
    lines: row.lines,
    emissionDeg: row.emission_deg ?? 0,
    corners: {
      upperLeft: { lon: row.upper_left_lon, lat: row.upper_left_lat },
      upperRight: { lon: row.upper_right_lon, lat: row.upper_right_lat },
      lowerRight: { lon: row.lower_right_lon, lat: row.lower_right_lat },
      lowerLeft: { lon: row.lower_left_lon, lat: row.lower_left_lat },
    },
  }));
}
