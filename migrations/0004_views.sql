-- Stable views for people. Joins are LEFT and on unique keys, so that the planner drops those a query does not need.

CREATE SCHEMA selenoscan;
COMMENT ON SCHEMA selenoscan IS 'Results of Selenoscan for people and GIS: stable views. Tables live in selenoscan_data and may change.';

CREATE VIEW selenoscan.detections AS
SELECT
  d.id,
  p.product_id,
  p.version AS product_version,
  d.image_id,
  p.start_time AS observed_at,
  s.finished_at AS scanned_at,
  d.score,
  d.score_raw,
  d.scores,
  d.rank_in_image,
  d.lon,
  d.lat,
  d.uncertainty_m,
  d.geom,
  d.line,
  d.sample,
  d.width_m,
  d.height_m,
  p.incidence_deg,
  p.emission_deg,
  p.phase_deg,
  d.sun_azimuth_deg,
  p.resolution_m,
  d.model_id,
  s.code_version,
  s.source_url,
  s.source_checksum,
  d.site_id,
  site.status AS site_status,
  known.name AS known_object,
  d.known_object_distance_m,
  feature.name AS nearest_feature,
  d.review,
  'https://data.lroc.im-ldi.com/lroc/view_lroc/' || p.data_set_id || '/' || p.product_id AS product_url,
  coalesce(web.value #>> '{}', 'http://127.0.0.1:8080') || '/api/detections/' || d.id || '/chip.png' AS chip_url
FROM selenoscan_data.detection d
LEFT JOIN selenoscan_data.scan s ON s.id = d.scan_id
LEFT JOIN selenoscan_data.product p ON p.id = s.product_pk
LEFT JOIN selenoscan_data.site site ON site.id = d.site_id
LEFT JOIN selenoscan_data.known_object known ON known.id = d.known_object_id
LEFT JOIN selenoscan_data.feature feature ON feature.id = d.feature_id
LEFT JOIN selenoscan_data.setting web ON web.key = 'http.url'
WHERE d.is_current;
COMMENT ON VIEW selenoscan.detections IS 'Anomalies found in the current scans of the active model, as points.';
COMMENT ON COLUMN selenoscan.detections.id IS 'Number of the detection, stable over re-scans.';
COMMENT ON COLUMN selenoscan.detections.product_id IS 'Product that was scanned, e.g. M1271742202LC.';
COMMENT ON COLUMN selenoscan.detections.product_version IS 'Version of the product as its archive names it.';
COMMENT ON COLUMN selenoscan.detections.image_id IS 'Image: the product id without its last letter, the same for EDR and CDR.';
COMMENT ON COLUMN selenoscan.detections.observed_at IS 'When the image was taken (UTC).';
COMMENT ON COLUMN selenoscan.detections.scanned_at IS 'When the scan was committed.';
COMMENT ON COLUMN selenoscan.detections.score IS '-log10 of the calibrated probability that a plain tile under like lighting scores higher: 6 = one tile in a million. Below 1000.';
COMMENT ON COLUMN selenoscan.detections.score_raw IS 'The default score before calibration.';
COMMENT ON COLUMN selenoscan.detections.scores IS 'All named raw scores of the best tile, by name.';
COMMENT ON COLUMN selenoscan.detections.rank_in_image IS '1 = the highest score of the image.';
COMMENT ON COLUMN selenoscan.detections.lon IS 'Longitude in degrees east, -180 to 180, planetocentric, IAU 2015. Null where the image has no geometry.';
COMMENT ON COLUMN selenoscan.detections.lat IS 'Planetocentric latitude in degrees.';
COMMENT ON COLUMN selenoscan.detections.uncertainty_m IS 'Radius in metres that holds the true place 95 times of 100.';
COMMENT ON COLUMN selenoscan.detections.geom IS 'Peak of the object, SRID 30100 (IAU_2015:30100).';
COMMENT ON COLUMN selenoscan.detections.line IS 'Line of the peak in the image, 0-based; the centre of the first pixel is 0.5.';
COMMENT ON COLUMN selenoscan.detections.sample IS 'Sample of the peak in the image, 0-based; the centre of the first pixel is 0.5.';
COMMENT ON COLUMN selenoscan.detections.width_m IS 'Extent of the object across the image, metres.';
COMMENT ON COLUMN selenoscan.detections.height_m IS 'Extent of the object along the image, metres.';
COMMENT ON COLUMN selenoscan.detections.incidence_deg IS 'Angle of the Sun from the zenith at the image''s centre, degrees.';
COMMENT ON COLUMN selenoscan.detections.emission_deg IS 'Angle of the camera from the zenith at the image''s centre, degrees.';
COMMENT ON COLUMN selenoscan.detections.phase_deg IS 'Angle between Sun and camera at the image''s centre, degrees.';
COMMENT ON COLUMN selenoscan.detections.sun_azimuth_deg IS 'Direction to the Sun on the ground, degrees clockwise from north.';
COMMENT ON COLUMN selenoscan.detections.resolution_m IS 'Mean ground size of a pixel, metres.';
COMMENT ON COLUMN selenoscan.detections.model_id IS 'Model that scored the image: name@hash.';
COMMENT ON COLUMN selenoscan.detections.code_version IS 'Version of the program that scanned.';
COMMENT ON COLUMN selenoscan.detections.source_url IS 'Where the scanned bytes came from.';
COMMENT ON COLUMN selenoscan.detections.source_checksum IS 'sha256:<hex> of the scanned bytes.';
COMMENT ON COLUMN selenoscan.detections.site_id IS 'Site that this detection belongs to; see the view sites.';
COMMENT ON COLUMN selenoscan.detections.site_status IS 'new, persistent or transient; null before the site builder has seen it.';
COMMENT ON COLUMN selenoscan.detections.known_object IS 'Known human-made object at this place, if any.';
COMMENT ON COLUMN selenoscan.detections.known_object_distance_m IS 'Metres from the known object.';
COMMENT ON COLUMN selenoscan.detections.nearest_feature IS 'Nearest named feature of the Moon.';
COMMENT ON COLUMN selenoscan.detections.review IS 'What a person said of it; null = not reviewed.';
COMMENT ON COLUMN selenoscan.detections.product_url IS 'Page of the product at the LROC archive.';
COMMENT ON COLUMN selenoscan.detections.chip_url IS 'Picture of the detection as this deployment serves it.';

CREATE VIEW selenoscan.detection_outlines AS
SELECT
  d.id,
  p.product_id,
  d.image_id,
  p.start_time AS observed_at,
  d.score,
  d.rank_in_image,
  d.uncertainty_m,
  d.width_m,
  d.height_m,
  d.outline AS geom,
  d.model_id,
  d.site_id,
  site.status AS site_status,
  d.review,
  coalesce(web.value #>> '{}', 'http://127.0.0.1:8080') || '/api/detections/' || d.id || '/chip.png' AS chip_url
FROM selenoscan_data.detection d
LEFT JOIN selenoscan_data.scan s ON s.id = d.scan_id
LEFT JOIN selenoscan_data.product p ON p.id = s.product_pk
LEFT JOIN selenoscan_data.site site ON site.id = d.site_id
LEFT JOIN selenoscan_data.setting web ON web.key = 'http.url'
WHERE d.is_current;
COMMENT ON VIEW selenoscan.detection_outlines IS 'Outlines of the anomalies in selenoscan.detections, with the same ids.';
COMMENT ON COLUMN selenoscan.detection_outlines.id IS 'Number of the detection, stable over re-scans.';
COMMENT ON COLUMN selenoscan.detection_outlines.product_id IS 'Product that was scanned, e.g. M1271742202LC.';
COMMENT ON COLUMN selenoscan.detection_outlines.image_id IS 'Image: the product id without its last letter, the same for EDR and CDR.';
COMMENT ON COLUMN selenoscan.detection_outlines.observed_at IS 'When the image was taken (UTC).';
COMMENT ON COLUMN selenoscan.detection_outlines.score IS '-log10 of the calibrated probability that a plain tile under like lighting scores higher: 6 = one tile in a million. Below 1000.';
COMMENT ON COLUMN selenoscan.detection_outlines.rank_in_image IS '1 = the highest score of the image.';
COMMENT ON COLUMN selenoscan.detection_outlines.uncertainty_m IS 'Radius in metres that holds the true place 95 times of 100.';
COMMENT ON COLUMN selenoscan.detection_outlines.width_m IS 'Extent of the object across the image, metres.';
COMMENT ON COLUMN selenoscan.detection_outlines.height_m IS 'Extent of the object along the image, metres.';
COMMENT ON COLUMN selenoscan.detection_outlines.geom IS 'Outline of the object, split at 180 degrees, SRID 30100 (IAU_2015:30100).';
COMMENT ON COLUMN selenoscan.detection_outlines.model_id IS 'Model that scored the image: name@hash.';
COMMENT ON COLUMN selenoscan.detection_outlines.site_id IS 'Site that this detection belongs to; see the view sites.';
COMMENT ON COLUMN selenoscan.detection_outlines.site_status IS 'new, persistent or transient; null before the site builder has seen it.';
COMMENT ON COLUMN selenoscan.detection_outlines.review IS 'What a person said of it; null = not reviewed.';
COMMENT ON COLUMN selenoscan.detection_outlines.chip_url IS 'Picture of the detection as this deployment serves it.';

CREATE VIEW selenoscan.sites AS
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
  feature.name AS nearest_feature
FROM selenoscan_data.site site
LEFT JOIN selenoscan_data.known_object known ON known.id = site.known_object_id
LEFT JOIN selenoscan_data.feature feature ON feature.id = site.feature_id;
COMMENT ON VIEW selenoscan.sites IS 'Places seen in one or more images.';
COMMENT ON COLUMN selenoscan.sites.id IS 'Number of the site.';
COMMENT ON COLUMN selenoscan.sites.status IS 'new, persistent (seen in several looks) or transient (missing in a comparable look).';
COMMENT ON COLUMN selenoscan.sites.lon IS 'Longitude in degrees east, -180 to 180, planetocentric, IAU 2015.';
COMMENT ON COLUMN selenoscan.sites.lat IS 'Planetocentric latitude in degrees.';
COMMENT ON COLUMN selenoscan.sites.uncertainty_m IS 'Radius in metres that holds the true place 95 times of 100.';
COMMENT ON COLUMN selenoscan.sites.geom IS 'Place of the site, SRID 30100 (IAU_2015:30100).';
COMMENT ON COLUMN selenoscan.sites.looks IS 'How many looks covered the place.';
COMMENT ON COLUMN selenoscan.sites.sightings IS 'In how many looks it was found.';
COMMENT ON COLUMN selenoscan.sites.best_score IS 'Highest score of its detections.';
COMMENT ON COLUMN selenoscan.sites.first_observed_at IS 'When the earliest image that shows it was taken (UTC).';
COMMENT ON COLUMN selenoscan.sites.last_observed_at IS 'When the latest image that shows it was taken (UTC).';
COMMENT ON COLUMN selenoscan.sites.known_object IS 'Known human-made object at this place, if any.';
COMMENT ON COLUMN selenoscan.sites.known_object_distance_m IS 'Metres from the known object.';
COMMENT ON COLUMN selenoscan.sites.nearest_feature IS 'Nearest named feature of the Moon.';

CREATE VIEW selenoscan.coverage AS
SELECT
  s.id,
  p.product_id,
  p.version AS product_version,
  s.image_id,
  p.start_time AS observed_at,
  s.finished_at AS scanned_at,
  s.tiles,
  (s.masked ->> 'scored')::integer AS tiles_scored,
  s.masked,
  s.statistics,
  p.incidence_deg,
  p.emission_deg,
  p.resolution_m,
  s.coverage AS geom,
  s.model_id,
  s.code_version,
  s.config_hash,
  s.engine,
  s.device,
  s.source_url,
  s.source_checksum,
  s.ground_model,
  s.seconds
FROM selenoscan_data.scan s
LEFT JOIN selenoscan_data.product p ON p.id = s.product_pk
WHERE s.is_current;
COMMENT ON VIEW selenoscan.coverage IS 'What the current scans of the active model looked at: no detection here means looked and saw nothing.';
COMMENT ON COLUMN selenoscan.coverage.id IS 'Number of the scan.';
COMMENT ON COLUMN selenoscan.coverage.product_id IS 'Product that was scanned.';
COMMENT ON COLUMN selenoscan.coverage.product_version IS 'Version of the product as its archive names it.';
COMMENT ON COLUMN selenoscan.coverage.image_id IS 'Image: the product id without its last letter.';
COMMENT ON COLUMN selenoscan.coverage.observed_at IS 'When the image was taken (UTC).';
COMMENT ON COLUMN selenoscan.coverage.scanned_at IS 'When the scan was committed.';
COMMENT ON COLUMN selenoscan.coverage.tiles IS 'Tiles of the image, masked ones included.';
COMMENT ON COLUMN selenoscan.coverage.tiles_scored IS 'Tiles that were scored.';
COMMENT ON COLUMN selenoscan.coverage.masked IS 'Tiles by state: scored, or the reason why not.';
COMMENT ON COLUMN selenoscan.coverage.statistics IS 'Robust statistics of the default raw score over the scored tiles.';
COMMENT ON COLUMN selenoscan.coverage.incidence_deg IS 'Angle of the Sun from the zenith at the image''s centre, degrees.';
COMMENT ON COLUMN selenoscan.coverage.emission_deg IS 'Angle of the camera from the zenith at the image''s centre, degrees.';
COMMENT ON COLUMN selenoscan.coverage.resolution_m IS 'Mean ground size of a pixel, metres.';
COMMENT ON COLUMN selenoscan.coverage.geom IS 'Ground that was looked at, split at 180 degrees, SRID 30100 (IAU_2015:30100).';
COMMENT ON COLUMN selenoscan.coverage.model_id IS 'Model that scored the image: name@hash.';
COMMENT ON COLUMN selenoscan.coverage.code_version IS 'Version of the program that scanned.';
COMMENT ON COLUMN selenoscan.coverage.config_hash IS 'Hash of the settings that change results.';
COMMENT ON COLUMN selenoscan.coverage.engine IS 'Engine that ran the model.';
COMMENT ON COLUMN selenoscan.coverage.device IS 'Device that the engine ran on.';
COMMENT ON COLUMN selenoscan.coverage.source_url IS 'Where the scanned bytes came from.';
COMMENT ON COLUMN selenoscan.coverage.source_checksum IS 'sha256:<hex> of the scanned bytes.';
COMMENT ON COLUMN selenoscan.coverage.ground_model IS 'How pixels were placed on the Moon.';
COMMENT ON COLUMN selenoscan.coverage.seconds IS 'How long the scan took.';

CREATE VIEW selenoscan.products AS
SELECT
  p.id,
  p.product_id,
  p.version AS product_version,
  p.image_id,
  p.data_set_id,
  p.volume_id,
  p.frame,
  p.start_time AS observed_at,
  p.discovered_at,
  p.orbit,
  p.lines,
  p.samples,
  p.resolution_m,
  p.incidence_deg,
  p.emission_deg,
  p.phase_deg,
  p.geom,
  s.state,
  s.lane,
  s.error_code,
  s.error,
  s.finished_at AS scanned_at,
  'https://data.lroc.im-ldi.com/lroc/view_lroc/' || p.data_set_id || '/' || p.product_id AS product_url
FROM selenoscan_data.product p
LEFT JOIN selenoscan_data.scan s
  ON s.product_pk = p.id AND s.model_id = (SELECT model.id FROM selenoscan_data.model WHERE model.active);
COMMENT ON VIEW selenoscan.products IS 'Every product version that an archive announced and what became of it with the active model.';
COMMENT ON COLUMN selenoscan.products.id IS 'Number of the product version.';
COMMENT ON COLUMN selenoscan.products.product_id IS 'Product id, e.g. M1271742202LC.';
COMMENT ON COLUMN selenoscan.products.product_version IS 'Version of the product as its archive names it.';
COMMENT ON COLUMN selenoscan.products.image_id IS 'Image: the product id without its last letter.';
COMMENT ON COLUMN selenoscan.products.data_set_id IS 'PDS data set.';
COMMENT ON COLUMN selenoscan.products.volume_id IS 'PDS volume.';
COMMENT ON COLUMN selenoscan.products.frame IS 'LEFT or RIGHT camera.';
COMMENT ON COLUMN selenoscan.products.observed_at IS 'When the image was taken (UTC).';
COMMENT ON COLUMN selenoscan.products.discovered_at IS 'When this deployment first saw the product version.';
COMMENT ON COLUMN selenoscan.products.orbit IS 'Orbit number.';
COMMENT ON COLUMN selenoscan.products.lines IS 'Lines of the image.';
COMMENT ON COLUMN selenoscan.products.samples IS 'Samples per line.';
COMMENT ON COLUMN selenoscan.products.resolution_m IS 'Mean ground size of a pixel, metres.';
COMMENT ON COLUMN selenoscan.products.incidence_deg IS 'Angle of the Sun from the zenith at the image''s centre, degrees.';
COMMENT ON COLUMN selenoscan.products.emission_deg IS 'Angle of the camera from the zenith at the image''s centre, degrees.';
COMMENT ON COLUMN selenoscan.products.phase_deg IS 'Angle between Sun and camera at the image''s centre, degrees.';
COMMENT ON COLUMN selenoscan.products.geom IS 'Centre of the image, SRID 30100 (IAU_2015:30100).';
COMMENT ON COLUMN selenoscan.products.state IS 'queued, claimed, scanned, skipped, invalid, missing or failed; null = not queued for the active model.';
COMMENT ON COLUMN selenoscan.products.lane IS 'live or backfill.';
COMMENT ON COLUMN selenoscan.products.error_code IS 'Short code of the reason where it was not scanned.';
COMMENT ON COLUMN selenoscan.products.error IS 'The reason in one sentence.';
COMMENT ON COLUMN selenoscan.products.scanned_at IS 'When it was last scanned.';
COMMENT ON COLUMN selenoscan.products.product_url IS 'Page of the product at the LROC archive.';

CREATE VIEW selenoscan.known_objects AS
SELECT
  known.id,
  known.name,
  known.kind,
  known.lon,
  known.lat,
  known.uncertainty_m,
  known.arrived_on,
  known.source,
  known.geom
FROM selenoscan_data.known_object known;
COMMENT ON VIEW selenoscan.known_objects IS 'Human-made objects on the Moon whose place is known.';
COMMENT ON COLUMN selenoscan.known_objects.id IS 'Number of the object.';
COMMENT ON COLUMN selenoscan.known_objects.name IS 'Name of the object.';
COMMENT ON COLUMN selenoscan.known_objects.kind IS 'lander, rover, stage, impact, …';
COMMENT ON COLUMN selenoscan.known_objects.lon IS 'Longitude in degrees east, -180 to 180, planetocentric.';
COMMENT ON COLUMN selenoscan.known_objects.lat IS 'Planetocentric latitude in degrees.';
COMMENT ON COLUMN selenoscan.known_objects.uncertainty_m IS 'Radius in metres of the published place''s uncertainty.';
COMMENT ON COLUMN selenoscan.known_objects.arrived_on IS 'Day on which it reached the ground (UTC).';
COMMENT ON COLUMN selenoscan.known_objects.source IS 'Where the place was published.';
COMMENT ON COLUMN selenoscan.known_objects.geom IS 'Place of the object, SRID 30100 (IAU_2015:30100).';

CREATE FUNCTION selenoscan.within_radius(lon double precision, lat double precision, metres double precision)
RETURNS TABLE (id bigint, distance_m double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT d.id, moon_distance(moon_xyz(d.lon, d.lat), moon_xyz($1, $2))
  FROM selenoscan.detections d
  WHERE moon_xyz(d.lon, d.lat) &&& moon_box($1, $2, $3)
    AND ST_3DDistance(moon_xyz(d.lon, d.lat), moon_xyz($1, $2)) <= moon_chord($3);
END;
COMMENT ON FUNCTION selenoscan.within_radius IS
  'Ids of selenoscan.detections within so many metres of a place, with their distances along the ground.';

CREATE FUNCTION selenoscan.nearest(lon double precision, lat double precision, count integer)
RETURNS TABLE (id bigint, distance_m double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT d.id, moon_distance(moon_xyz(d.lon, d.lat), moon_xyz($1, $2))
  FROM selenoscan.detections d
  ORDER BY moon_xyz(d.lon, d.lat) <<->> moon_xyz($1, $2)
  LIMIT $3;
END;
COMMENT ON FUNCTION selenoscan.nearest IS
  'Ids of the detections nearest to a place, nearest first, with their distances in metres along the ground.';

-- Where the database has a role of this name, it may read the results and nothing else.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'selenoscan_reader') THEN
    GRANT USAGE ON SCHEMA selenoscan TO selenoscan_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA selenoscan TO selenoscan_reader;
  END IF;
END
$$;
