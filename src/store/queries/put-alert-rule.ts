import { UsageError } from '../../domain/errors.js';
import type { Queryable } from '../database.js';

/** Polygons in degrees, each a closed outside and its holes, whose longitudes run on across 180 degrees. */
export type RuleArea = readonly (readonly (readonly (readonly [number, number])[])[])[];

/** A rule as it is stored; the room `alerts` gives its parts their meaning. */
export interface StoredRule {
  readonly name: string;
  readonly filter: object;
  readonly area: RuleArea | null;
  readonly channel: string;
  readonly target: object;
  readonly policy: object;
  readonly maxAgeS: number;
}

const INSERT = `
  INSERT INTO selenoscan_data.alert_rule (name, filter, area, channel, target, policy, max_age)
  VALUES ($1, $2, $3::text::geometry, $4, $5, $6, make_interval(secs => $7))
  ON CONFLICT (name) DO NOTHING
  RETURNING id`;

/** Rings one by one, as text of WKT; outsides first, then what is cut out of each. */
const RINGS = `
  SELECT place, ST_IsValid(ring) AS valid, ST_IsValidReason(ring) AS reason
  FROM unnest($1::text[]) WITH ORDINALITY AS given(wkt, place), ST_GeomFromText(given.wkt, 30100) AS ring
  ORDER BY place`;

/** Outside without its holes, brought into -180..180 by cutting it there. */
const JOIN = `
  SELECT ST_AsEWKT(area, 15) AS area, ST_XMin(area) AS west, ST_XMax(area) AS east, ST_YMin(area) AS south,
    ST_YMax(area) AS north, moon_area(area) / 1e6 AS km2
  FROM (
    SELECT ST_Multi(ST_CollectionExtract(ST_WrapX(ST_WrapX(whole, 180, -360), -180, 360), 3)) AS area
    FROM (
      SELECT ST_UnaryUnion(ST_Collect(coalesce(ST_Difference(outside, hole), outside))) AS whole
      FROM (
        SELECT ST_GeomFromText(given.outside, 30100) AS outside,
          (SELECT ST_UnaryUnion(ST_Collect(ST_GeomFromText(wkt, 30100)))
           FROM unnest($2::text[], $3::integer[]) AS holes(wkt, of) WHERE holes.of = given.place) AS hole
        FROM unnest($1::text[]) WITH ORDINALITY AS given(outside, place)
      ) pieces
    ) wholes
  ) areas`;

/** A rule's area as it is stored: EWKT split at 180 degrees, its bounds in degrees and its size. */
export interface PreparedArea {
  readonly area: string;
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
  readonly km2: number;
}

/**
 * Makes what is stored of an area.
 *
 * @throws UsageError where a ring crosses itself or the area is empty
 */
export async function prepareRuleArea(db: Queryable, area: RuleArea): Promise<PreparedArea> {
  const rings = area.flat().map(wkt);
  const checked = await db.query<{ valid: boolean; reason: string }>(RINGS, [rings]);
  const bad = checked.find(({ valid }) => !valid);
  if (bad !== undefined)
    throw new UsageError(`The area of the rule is not simple: ${bad.reason} (longitude, latitude).`);
  const holes = area.flatMap(([, ...each], i) => each.map((ring) => ({ wkt: wkt(ring), of: i + 1 })));
  const [made] = await db.query<PreparedArea>(JOIN, [
    area.map(([outside = []]) => wkt(outside)),
    holes.map((hole) => hole.wkt),
    holes.map((hole) => hole.of),
  ]);
  if (made === undefined || !(made.km2 > 0))
    throw new UsageError('The area of the rule is empty: its holes leave nothing of it.');
  return made;
}

/**
 * Stores a rule, enabled.
 *
 * @throws UsageError where there is one of this name
 */
export async function putAlertRule(
  db: Queryable,
  rule: StoredRule,
  area: PreparedArea | null,
): Promise<number> {
  const [row] = await db.query<{ id: number }>(INSERT, [
    rule.name,
    JSON.stringify(rule.filter),
    area?.area ?? null,
    rule.channel,
    JSON.stringify(rule.target),
    JSON.stringify(rule.policy),
    rule.maxAgeS,
  ]);
  if (row !== undefined) return row.id;
  throw new UsageError(
    `There is a rule ${rule.name} already; choose another name, or remove it by \`selenoscan alerts remove ${rule.name}\` first.`,
  );
}

function wkt(ring: readonly (readonly [number, number])[]): string {
  return `POLYGON((${ring.map(([lon, lat]) => `${lon} ${lat}`).join(', ')}))`;
}
