import type { LonLat } from '../../domain/geometry.js';
import type { SiteStatus, SiteVerdict } from '../../domain/site.js';
import type { Queryable } from '../database.js';
import { tagRows } from './tag-detections.js';

/** A site as it is to be. */
export interface SiteRow extends LonLat, SiteVerdict {
  /** Null = one of its own. */
  readonly id: number | null;
  readonly uncertaintyM: number;
  readonly cell: number;
  readonly bestScore: number;
  readonly bestDetection: number;
  readonly firstObservedAt: Date;
  readonly lastObservedAt: Date;
}

/** Its detections, each with its place once images are registered. */
export interface SiteMember {
  readonly pk: number;
  readonly siteId: number;
  readonly lon: number;
  readonly lat: number;
  readonly uncertaintyM: number;
}

/** What a site was before a build. */
export interface SiteBefore {
  readonly id: number;
  readonly status: SiteStatus;
  readonly changed: boolean;
}

export async function sitesBefore(tx: Queryable, ids: readonly number[]): Promise<Map<number, SiteBefore>> {
  const rows = await tx.query<SiteBefore>(
    'SELECT id, status, changed FROM selenoscan_data.site WHERE id = ANY ($1::bigint[]) FOR UPDATE',
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

const COLUMNS: readonly (readonly [name: string, type: string, read: (site: SiteRow) => unknown])[] = [
  ['evidence', 'text', (s) => s.evidence],
  ['lon', 'double precision', (s) => s.lon],
  ['lat', 'double precision', (s) => s.lat],
  ['uncertainty_m', 'double precision', (s) => s.uncertaintyM],
  ['cell', 'integer', (s) => s.cell],
  ['looks', 'integer', (s) => s.looks],
  ['sightings', 'integer', (s) => s.sightings],
  ['empty_looks', 'integer', (s) => s.emptyLooks],
  ['best_score', 'double precision', (s) => s.bestScore],
  ['best_detection', 'bigint', (s) => s.bestDetection],
  ['first_observed_at', 'timestamptz', (s) => s.firstObservedAt],
  ['last_observed_at', 'timestamptz', (s) => s.lastObservedAt],
  // An array of arrays is one of even sides: lists travel as text.
  ['seen_in', 'bigint[]', (s) => `{${s.seenIn.join()}}`],
  ['empty_in', 'bigint[]', (s) => `{${s.emptyIn.join()}}`],
  ['changed', 'boolean', (s) => s.change !== null],
  ['changed_after', 'timestamptz', (s) => s.change?.after ?? null],
  ['changed_before', 'timestamptz', (s) => s.change?.before ?? null],
];
const NAMES = COLUMNS.map(([name]) => name);
const given = (from: number): string =>
  COLUMNS.map(([, type], i) => `$${from + i}::${type.endsWith('[]') ? 'text' : type}[]`).join(', ');
const read = COLUMNS.map(([name, type]) => `${name}::${type} AS ${name}`).join(', ');

const UPDATE = `
  UPDATE selenoscan_data.site known
  SET ${NAMES.map((name) => `${name} = made.${name}`).join(', ')}, status = made.evidence, updated_at = now()
  FROM (SELECT id, ${read} FROM unnest($1::bigint[], ${given(2)}) AS given(id, ${NAMES.join(', ')})) made
  WHERE known.id = made.id
    AND (${NAMES.map((name) => `known.${name}`).join(', ')}) IS DISTINCT FROM (${NAMES.map((name) => `made.${name}`).join(', ')})
  RETURNING known.id`;

const INSERT = `
  INSERT INTO selenoscan_data.site (status, ${NAMES.join(', ')})
  SELECT evidence, ${NAMES.join(', ')}
  FROM (SELECT place, ${read} FROM unnest(${given(1)}) WITH ORDINALITY AS given(${NAMES.join(', ')}, place)) made
  ORDER BY place
  RETURNING id, best_detection`;

/**
 * Writes sites; rows that would not change are not touched.
 *
 * @returns the number of each, in their order, and the numbers of those that were written
 */
export async function putSites(
  tx: Queryable,
  sites: readonly SiteRow[],
): Promise<{ readonly ids: readonly number[]; readonly written: readonly number[] }> {
  const arrays = (rows: readonly SiteRow[]) => COLUMNS.map(([, , value]) => rows.map(value));
  const kept = sites.filter(({ id }) => id !== null);
  const fresh = sites.filter(({ id }) => id === null);
  const updated =
    kept.length === 0
      ? []
      : await tx.query<{ id: number }>(UPDATE, [kept.map(({ id }) => id), ...arrays(kept)]);
  const inserted =
    fresh.length === 0 ? [] : await tx.query<{ id: number; best_detection: number }>(INSERT, arrays(fresh));
  // A detection is of one site, so that it names its site.
  const made = new Map(inserted.map((row) => [row.best_detection, row.id]));
  return {
    ids: sites.map(({ id, bestDetection }) => id ?? made.get(bestDetection)!),
    written: [...updated, ...inserted].map(({ id }) => id),
  };
}

const MOVE = `
  UPDATE selenoscan_data.detection d
  SET site_id = made.site_id, adjusted_lon = made.lon, adjusted_lat = made.lat,
    adjusted_uncertainty_m = made.uncertainty_m
  FROM unnest($1::bigint[], $2::bigint[], $3::double precision[], $4::double precision[], $5::double precision[])
    AS made(pk, site_id, lon, lat, uncertainty_m)
  WHERE d.id = made.pk AND (d.site_id, d.adjusted_lon, d.adjusted_lat, d.adjusted_uncertainty_m)
    IS DISTINCT FROM (made.site_id, made.lon, made.lat, made.uncertainty_m)`;

/** Those of another model, or of an image that was scanned anew. */
const LEAVE = `
  UPDATE selenoscan_data.detection SET site_id = NULL
  WHERE site_id = ANY ($1::bigint[]) AND NOT is_current`;

export async function putMembers(
  tx: Queryable,
  members: readonly SiteMember[],
  sitesBefore: readonly number[],
): Promise<void> {
  await tx.query(LEAVE, [sitesBefore]);
  await tx.query(MOVE, [
    members.map(({ pk }) => pk),
    members.map(({ siteId }) => siteId),
    members.map(({ lon }) => lon),
    members.map(({ lat }) => lat),
    members.map(({ uncertaintyM }) => uncertaintyM),
  ]);
}

/** Those that became part of others, or that nothing shows any more. */
export async function deleteSites(tx: Queryable, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await tx.query('DELETE FROM selenoscan_data.site WHERE id = ANY ($1::bigint[])', [ids]);
}

/** Pixels within which two models found the same in one image. */
const SAME_PX = 32;
const REVIEWS = `
  UPDATE selenoscan_data.site known SET review = said.review
  FROM (
    SELECT asked.id, (
      SELECT reviewed.review
      FROM selenoscan_data.detection member
      JOIN selenoscan_data.detection reviewed ON reviewed.image_id = member.image_id
      LEFT JOIN selenoscan_data.review r ON r.detection_pk = reviewed.id
      WHERE member.site_id = asked.id AND member.is_current AND reviewed.review IS NOT NULL
        AND abs(reviewed.line - member.line) <= ${SAME_PX} AND abs(reviewed.sample - member.sample) <= ${SAME_PX}
      ORDER BY r.created_at DESC NULLS LAST, reviewed.id DESC LIMIT 1) AS review
    FROM unnest($1::bigint[]) AS asked(id)
  ) said
  WHERE known.id = said.id AND known.review IS DISTINCT FROM said.review`;

/** What people said of places: it stays with the place when another model finds it, or an image is scanned anew. */
export async function carryReviews(tx: Queryable, ids: readonly number[]): Promise<void> {
  await tx.query(REVIEWS, [ids]);
}

/**
 * Names what lies near sites, which makes those at a known object `known`.
 *
 * @param written sites whose tags may change
 * @returns the status of each of `ids`
 */
export async function tagSites(
  tx: Queryable,
  written: readonly number[],
  ids: readonly number[],
): Promise<Map<number, SiteStatus>> {
  await tagRows(tx, 'site', written);
  const rows = await tx.query<{ id: number; status: SiteStatus }>(
    'SELECT id, status FROM selenoscan_data.site WHERE id = ANY ($1::bigint[])',
    [ids],
  );
  return new Map(rows.map(({ id, status }) => [id, status]));
}
