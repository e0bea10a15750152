/**
 * SQL that says whether a detection matches a rule. `d` is a row of the view `selenoscan.detections`, `r` has the
 * columns `filter` and `area` of `selenoscan_data.alert_rule`. The status of a site is left to the caller.
 */
export const MATCHES = `
  (r.filter ->> 'score' IS NULL OR d.score >= (r.filter ->> 'score')::double precision)
  AND (r.filter ->> 'rank' IS NULL OR d.rank_in_image <= (r.filter ->> 'rank')::integer)
  AND (r.filter -> 'incidence' IS NULL OR d.incidence_deg BETWEEN
    (r.filter -> 'incidence' ->> 0)::double precision AND (r.filter -> 'incidence' ->> 1)::double precision)
  AND (r.filter ->> 'known' IS NULL OR (d.known_object IS NOT NULL) = (r.filter ->> 'known')::boolean)
  AND (r.filter ->> 'model' IS NULL OR r.filter ->> 'model' IN (d.model_id, split_part(d.model_id, '@', 1)))
  AND (r.area IS NULL OR ST_Intersects(r.area, moon_place(d.lon, d.lat)))`;

/** The same for a site: `status` and `changed` are what the build of the sites made of it. */
export const matchesStatus = (status: string, changed: string): string => `
  (r.filter -> 'status' IS NULL
    OR r.filter -> 'status' ? ${status}
    OR (${changed} AND r.filter -> 'status' ? 'change'))`;

const FACTS = [
  'id',
  'product_id',
  'product_version',
  'image_id',
  'observed_at',
  'scanned_at',
  'score',
  'rank_in_image',
  'lon',
  'lat',
  'uncertainty_m',
  'width_m',
  'height_m',
  'line',
  'sample',
  'incidence_deg',
  'sun_azimuth_deg',
  'resolution_m',
  'model_id',
  'code_version',
  'known_object',
  'nearest_feature',
  'product_url',
];

/** SQL of the facts of a detection (`AlertFacts` of the room `alerts`), from a row `d` of `selenoscan.detections`. */
export const facts = (siteId: string, status: string, changed: string): string =>
  `jsonb_build_object(${FACTS.map((name) => `'${name}', d.${name}`).join(', ')},
    'site_id', ${siteId}, 'site_status', ${status}, 'site_changed', ${changed})`;
