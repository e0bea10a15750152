-- Sites over time: what is kept of scans to compare them, how they lie to one another, and what all looks say of a
-- place.

CREATE TABLE selenoscan_data.scan_overview (
  scan_id bigint PRIMARY KEY REFERENCES selenoscan_data.scan (id) ON DELETE CASCADE,
  samples integer NOT NULL,
  lines integer NOT NULL,
  overview_columns integer NOT NULL,
  overview_rows integer NOT NULL,
  cell integer NOT NULL,
  -- Deflated, one byte a cell; null where only the index row's corners are known.
  grey bytea,
  scores bytea,
  lattice_columns integer NOT NULL,
  lattice_rows integer NOT NULL,
  places double precision[] NOT NULL CHECK (cardinality(places) = 2 * lattice_columns * lattice_rows),
  corners_uncertainty_m double precision[] NOT NULL CHECK (cardinality(corners_uncertainty_m) = 4),
  cells integer[] NOT NULL,
  made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX scan_overview_cells ON selenoscan_data.scan_overview USING gin (cells);
COMMENT ON TABLE selenoscan_data.scan_overview IS
  'Small pictures of each scanned image, of its grey levels and of its highest scores, the places of its pixels at regular nodes (longitude, latitude, …), and the ground cells that it reaches into.';

CREATE TABLE selenoscan_data.scan_offset (
  -- Of the two images, that whose id sorts first.
  scan_a bigint NOT NULL REFERENCES selenoscan_data.scan (id) ON DELETE CASCADE,
  scan_b bigint NOT NULL REFERENCES selenoscan_data.scan (id) ON DELETE CASCADE,
  accepted boolean NOT NULL,
  offset_east_m double precision NOT NULL,
  offset_north_m double precision NOT NULL,
  residual_m double precision NOT NULL,
  shading_m double precision NOT NULL,
  correlation double precision NOT NULL,
  second_peak double precision NOT NULL,
  agreement double precision NOT NULL,
  overlap_km2 double precision NOT NULL,
  suns_apart_deg double precision NOT NULL,
  -- Sample and line in the first image, sample and line in the second, and so on.
  ties double precision[] NOT NULL CHECK (cardinality(ties) % 4 = 0),
  measured_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (scan_a, scan_b),
  CHECK (scan_a <> scan_b)
);
CREATE INDEX scan_offset_second ON selenoscan_data.scan_offset (scan_b);
COMMENT ON TABLE selenoscan_data.scan_offset IS
  'How two images of the same ground lie to one another, by registration of their overviews: where the second puts the ground less where the first does, in the middle of their tie points; what is left per axis; how well they correlate. Not accepted = they were compared and did not match.';

CREATE TABLE selenoscan_data.site_pending (
  scan_id bigint PRIMARY KEY REFERENCES selenoscan_data.scan (id) ON DELETE CASCADE,
  -- Ground that it reached into before, where that was other ground.
  cells integer[] NOT NULL DEFAULT '{}',
  since timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX site_pending_since ON selenoscan_data.site_pending (since, scan_id);
COMMENT ON TABLE selenoscan_data.site_pending IS
  'Scans that changed since the sites around them were built. A commit enters its scan, the site builder takes it out.';
INSERT INTO selenoscan_data.site_pending (scan_id) SELECT id FROM selenoscan_data.scan WHERE is_current;

ALTER TABLE selenoscan_data.site
  DROP CONSTRAINT site_status_check,
  ADD CONSTRAINT site_status_check CHECK (status IN ('new', 'persistent', 'transient', 'known')),
  ADD COLUMN evidence text CHECK (evidence IN ('new', 'persistent', 'transient')),
  ADD COLUMN cell integer,
  ADD COLUMN empty_looks integer NOT NULL DEFAULT 0,
  ADD COLUMN seen_in bigint[] NOT NULL DEFAULT '{}',
  ADD COLUMN empty_in bigint[] NOT NULL DEFAULT '{}',
  ADD COLUMN best_detection bigint,
  ADD COLUMN changed boolean NOT NULL DEFAULT false,
  ADD COLUMN changed_after timestamptz,
  ADD COLUMN changed_before timestamptz,
  ADD COLUMN review text;
CREATE INDEX site_cell ON selenoscan_data.site (cell);
CREATE INDEX site_status_score ON selenoscan_data.site (status, best_score DESC);
CREATE INDEX site_changed ON selenoscan_data.site (changed_before DESC) WHERE changed;
COMMENT ON COLUMN selenoscan_data.site.evidence IS
  'What the looks say of it; status is that, or known where a known object lies there.';
COMMENT ON COLUMN selenoscan_data.site.cell IS 'Ground cell of its earliest detection.';
COMMENT ON COLUMN selenoscan_data.site.seen_in IS 'Scans that show it.';
COMMENT ON COLUMN selenoscan_data.site.empty_in IS 'Scans that cover it and scored clearly below there.';

ALTER TABLE selenoscan_data.detection
  ADD COLUMN adjusted_lon double precision,
  ADD COLUMN adjusted_lat double precision,
  ADD COLUMN adjusted_uncertainty_m double precision;
COMMENT ON COLUMN selenoscan_data.detection.adjusted_lon IS
  'Place once its image is registered with others of the same ground, as are adjusted_lat and adjusted_uncertainty_m (95 % radius); the place by itself where there is no link.';

CREATE OR REPLACE VIEW selenoscan.sites AS
SELECT
  site.id,
  site.status,
  site.lon,
  site.lat,
  site.uncertainty_m,
  site.geom,
  site.looks,
  site.sightings,
  site.best_score,
  site.first_observed_at,
  site.last_observed_at,
  known.name AS known_object,
  site.known_object_distance_m,
  moon_relative(feature.name, feature.lon, feature.lat, feature.diameter_km, site.lon, site.lat) AS nearest_feature,
  site.empty_looks,
  site.changed,
  site.changed_after,
  site.changed_before,
  site.review,
  site.best_detection,
  coalesce(web.value #>> '{}', 'http://127.0.0.1:8080') || '/api/detections/' || site.best_detection || '/chip.png' AS chip_url
FROM selenoscan_data.site site
LEFT JOIN selenoscan_data.known_object known ON known.id = site.known_object_id
LEFT JOIN selenoscan_data.feature feature ON feature.id = site.feature_id
LEFT JOIN selenoscan_data.setting web ON web.key = 'http.url';
COMMENT ON COLUMN selenoscan.sites.id IS
  'Number of the site. It stays while the site grows; of several that become one, that of the earliest detection stays.';
COMMENT ON COLUMN selenoscan.sites.status IS
  'new (one look shows it), persistent (several do), transient (looks under like light afterwards do not) or known (a known object lies there); docs/sites.md has the numbers.';
COMMENT ON COLUMN selenoscan.sites.uncertainty_m IS
  'Radius in metres that holds the true place 95 times of 100, from all of its detections once their images are registered.';
COMMENT ON COLUMN selenoscan.sites.looks IS
  'How many looks covered the place; NAC-L and NAC-R of one number are one look.';
COMMENT ON COLUMN selenoscan.sites.sightings IS 'In how many of them it was found.';
COMMENT ON COLUMN selenoscan.sites.empty_looks IS
  'In how many of them it was not, and the highest score there was clearly below. The rest says neither.';
COMMENT ON COLUMN selenoscan.sites.changed IS
  'Whether a look under like light saw nothing here before the first sighting: something came, or the ground was reshaped.';
COMMENT ON COLUMN selenoscan.sites.changed_after IS 'The last such look before the change (UTC).';
COMMENT ON COLUMN selenoscan.sites.changed_before IS 'The first sighting after the change (UTC).';
COMMENT ON COLUMN selenoscan.sites.review IS
  'What a person last said of the place: of one of its detections, or of what another model found at the same pixels.';
COMMENT ON COLUMN selenoscan.sites.best_detection IS 'Detection with the highest score, of the view detections.';
COMMENT ON COLUMN selenoscan.sites.chip_url IS 'Picture of that detection as this deployment serves it.';
COMMENT ON COLUMN selenoscan.detections.site_status IS
  'new, persistent, transient or known; null before the site builder has seen it.';
COMMENT ON COLUMN selenoscan.detection_outlines.site_status IS
  'new, persistent, transient or known; null before the site builder has seen it.';

-- With the rights of its owner, since readers may not see the tables; all names are whole, so that no search path
-- leads it elsewhere.
CREATE FUNCTION selenoscan.site_looks(site_id bigint)
RETURNS TABLE (
  outcome text, product_id text, image_id text, observed_at timestamptz, incidence_deg double precision,
  detection_id bigint, score double precision, lon double precision, lat double precision,
  uncertainty_m double precision)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog
AS $$
  SELECT look.outcome, p.product_id, s.image_id, p.start_time, p.incidence_deg, d.id, d.score,
    d.adjusted_lon, d.adjusted_lat, d.adjusted_uncertainty_m
  FROM (
    SELECT 'seen' AS outcome, unnest(site.seen_in) AS scan_id FROM selenoscan_data.site WHERE site.id = $1
    UNION ALL
    SELECT 'empty', unnest(site.empty_in) FROM selenoscan_data.site WHERE site.id = $1
  ) look
  JOIN selenoscan_data.scan s ON s.id = look.scan_id
  JOIN selenoscan_data.product p ON p.id = s.product_pk
  LEFT JOIN selenoscan_data.detection d
    ON d.scan_id = look.scan_id AND d.site_id = $1 AND d.is_current AND look.outcome = 'seen'
  ORDER BY p.start_time, s.image_id
$$;
COMMENT ON FUNCTION selenoscan.site_looks IS
  'Images that show a site, each with its detection and that one''s place once the images are registered, and those that looked and did not (empty).';
