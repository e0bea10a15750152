-- For people with a GIS: landmarks in words, areas on the sphere, what was seen how often, and functions by place.

-- Metres, directions and areas on the Moon -------------------------------------------------------------------

-- Of strict functions alone, and no least(): only so does the planner put it in the place of the call, which takes
-- forty times as long. Rounding could lift the root above 1; the factor keeps it below, for 0.2 m at the antipodes.
CREATE FUNCTION moon_ground_m(
  lon_a double precision, lat_a double precision, lon_b double precision, lat_b double precision)
RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN 3474800 * asin((1 - 1e-15::double precision) * sqrt(
  sin(radians(lat_b - lat_a) / 2) * sin(radians(lat_b - lat_a) / 2)
  + cos(radians(lat_a)) * cos(radians(lat_b)) * sin(radians(lon_b - lon_a) / 2) * sin(radians(lon_b - lon_a) / 2)));
COMMENT ON FUNCTION moon_ground_m IS
  'Metres along the ground of the Moon (sphere of 1737400 m) between two places in degrees. Numbers alone, several times as fast as moon_distance.';

-- One axis of the box around a cap of so many radians, whose centre has that coordinate: the cap ends at the
-- centre's angle from the axis and its own, or holds the axis's far end. 1e-12 makes up for rounding. Neither
-- function is strict: with CASE and least() the planner would not put it in the place of the call.
CREATE FUNCTION moon_cap_low(coordinate double precision, angle double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN coordinate <= -cos(angle) THEN -1
  ELSE coordinate * cos(angle) - sqrt(greatest(0, 1 - coordinate * coordinate)) * sin(angle) END
  - 1e-12::double precision;
COMMENT ON FUNCTION moon_cap_low IS 'Least coordinate, on one axis, of the cap of the unit sphere around a point.';

CREATE OR REPLACE FUNCTION moon_box(lon double precision, lat double precision, metres double precision)
RETURNS geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_MakeLine(
  ST_MakePoint(
    moon_cap_low(cos(radians(lat)) * cos(radians(lon)), least(greatest(metres, 0) / 1737400, pi())),
    moon_cap_low(cos(radians(lat)) * sin(radians(lon)), least(greatest(metres, 0) / 1737400, pi())),
    moon_cap_low(sin(radians(lat)), least(greatest(metres, 0) / 1737400, pi()))),
  ST_MakePoint(
    -moon_cap_low(-cos(radians(lat)) * cos(radians(lon)), least(greatest(metres, 0) / 1737400, pi())),
    -moon_cap_low(-cos(radians(lat)) * sin(radians(lon)), least(greatest(metres, 0) / 1737400, pi())),
    -moon_cap_low(-sin(radians(lat)), least(greatest(metres, 0) / 1737400, pi()))));
COMMENT ON FUNCTION moon_box IS
  'Diagonal of the smallest box of unit-sphere coordinates that holds all within so many metres of a place: moon_xyz(lon, lat) &&& moon_box(...) uses the index.';

-- Half a turn away from the opposite direction, so that the result has no sign to mend.
CREATE FUNCTION moon_bearing(
  lon_a double precision, lat_a double precision, lon_b double precision, lat_b double precision)
RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN 180 + degrees(atan2(
  -sin(radians(lon_b - lon_a)) * cos(radians(lat_b)),
  sin(radians(lat_a)) * cos(radians(lat_b)) * cos(radians(lon_b - lon_a)) - cos(radians(lat_a)) * sin(radians(lat_b))));
COMMENT ON FUNCTION moon_bearing IS
  'Direction in which the great circle from the first place to the second sets out, degrees clockwise from north, 0 to 360.';

-- An equal-area projection keeps the area; edges are straight in longitude and latitude, as GIS programs draw
-- them, and become curves there, which points every tenth of a degree follow to a millionth of the area.
CREATE FUNCTION moon_area(area geometry) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ST_Area(ST_Transform(
  ST_Segmentize(area, 0.1), '+proj=longlat +R=1737400 +no_defs', '+proj=cea +R=1737400 +units=m +no_defs'));
COMMENT ON FUNCTION moon_area IS
  'Square metres on the Moon (sphere of 1737400 m) of a polygon in degrees, split at 180 degrees.';

CREATE FUNCTION moon_lon(lon double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN lon BETWEEN -180 AND 180 THEN lon ELSE lon - 360 * floor((lon + 180) / 360) END;
COMMENT ON FUNCTION moon_lon IS 'Longitude brought into -180..180 degrees.';

-- A grid of cells of like area: bands of one degree, each cut into as many columns as keep a cell about one
-- degree of a great circle wide (919 km2, within 5 % everywhere). The number of a cell is 360 * band + column.

CREATE FUNCTION moon_cell_columns(band integer) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN greatest(3, round(360 * cos(radians(band - 89.5)))::integer);
COMMENT ON FUNCTION moon_cell_columns IS 'Cells in a band of one degree of latitude; band 0 begins at the south pole.';

CREATE FUNCTION moon_cell(lon double precision, lat double precision) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN 360 * least(179, floor(lat + 90)::integer) + least(
  moon_cell_columns(least(179, floor(lat + 90)::integer)) - 1,
  floor((moon_lon(lon) + 180) / 360 * moon_cell_columns(least(179, floor(lat + 90)::integer)))::integer);
COMMENT ON FUNCTION moon_cell IS 'Number of the grid cell that holds a place; see selenoscan.coverage_cells.';

CREATE TABLE selenoscan_data.grid_cell (
  cell integer PRIMARY KEY,
  area_m2 double precision NOT NULL,
  geom geometry(Polygon, 30100) NOT NULL
);
INSERT INTO selenoscan_data.grid_cell (cell, area_m2, geom)
SELECT
  360 * band + place,
  2 * pi() * 1737400.0 * 1737400.0 / columns * (sin(radians(band - 89)) - sin(radians(band - 90))),
  ST_MakeEnvelope(-180 + 360.0 * place / columns, band - 90, -180 + 360.0 * (place + 1) / columns, band - 89, 30100)
FROM generate_series(0, 179) AS band, moon_cell_columns(band) AS columns, generate_series(0, columns - 1) AS place;
CREATE INDEX grid_cell_geom ON selenoscan_data.grid_cell USING gist (geom);
ANALYZE selenoscan_data.grid_cell;
COMMENT ON TABLE selenoscan_data.grid_cell IS 'The 41252 cells of the grid, which moon_cell numbers; never changed.';

-- Each part of a polygon by itself: one that is split at 180 degrees lies on both sides of the map.
CREATE FUNCTION selenoscan_data.cells_of(area geometry) RETURNS TABLE (cell integer, area_m2 double precision)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 4
-- Compiling takes a hundred times as long as what is compiled; the planner cannot know how few parts there are.
SET jit = off
BEGIN ATOMIC
  SELECT piece.cell, sum(piece.area_m2)
  FROM (
    SELECT grid.cell, moon_area(ST_Intersection(part.geom, grid.geom)) AS area_m2
    FROM ST_Dump(CASE WHEN ST_IsValid($1) THEN $1 ELSE ST_CollectionExtract(ST_MakeValid($1), 3) END) AS part
    JOIN selenoscan_data.grid_cell grid ON ST_Intersects(part.geom, grid.geom)
  ) piece
  WHERE piece.area_m2 > 0
  GROUP BY piece.cell;
END;
COMMENT ON FUNCTION selenoscan_data.cells_of IS
  'Grid cells that a polygon covers, each with the square metres that it covers there.';

-- Landmarks --------------------------------------------------------------------------------------------------

-- What a place can be told by: features that are round or small. Maria, ranges, rilles and ridges are known to
-- the gazetteer by one point and one length alone, from which nobody can tell what lies in or beside them.
ALTER TABLE selenoscan_data.feature
  ADD COLUMN geom geometry(Point, 30100) GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 30100)) STORED,
  ADD COLUMN landmark boolean GENERATED ALWAYS AS (
    type IN ('crater', 'satellite feature', 'landing site name', 'promontorium')
    OR (type = 'mons' AND name NOT LIKE 'Montes %')) STORED;
CREATE INDEX feature_landmark ON selenoscan_data.feature USING gist (moon_xyz(lon, lat) gist_geometry_ops_nd)
  WHERE landmark;
COMMENT ON COLUMN selenoscan_data.feature.landmark IS
  'Whether places are told by it: round or small, so that its centre and diameter say where it lies.';

-- The smallest landmark that holds the place; else, of those whose centre lies within 300 km, the one whose rim
-- is nearest. No landmark has a radius above 300 km. Without any there, the one with the nearest centre.
CREATE FUNCTION selenoscan_data.landmark_of(lon double precision, lat double precision) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(
  (SELECT near.id
   FROM (
     SELECT f.id, coalesce(f.diameter_km, 0) * 500 AS radius_m,
       moon_ground_m(f.lon, f.lat, landmark_of.lon, landmark_of.lat) AS distance_m
     FROM selenoscan_data.feature f
     WHERE f.landmark AND moon_xyz(f.lon, f.lat) &&& moon_box(landmark_of.lon, landmark_of.lat, 300000)
   ) near
   WHERE near.distance_m <= 300000
   ORDER BY near.distance_m > near.radius_m,
     CASE WHEN near.distance_m <= near.radius_m THEN near.radius_m ELSE near.distance_m - near.radius_m END,
     near.id
   LIMIT 1),
  (SELECT f.id FROM selenoscan_data.feature f
   WHERE f.landmark
   ORDER BY moon_xyz(f.lon, f.lat) <<->> moon_xyz(landmark_of.lon, landmark_of.lat) LIMIT 1));
COMMENT ON FUNCTION selenoscan_data.landmark_of IS
  'Number of the named feature by which a place is told: the smallest landmark that holds it, else the one whose rim is nearest.';

CREATE FUNCTION moon_relative(
  name text, feature_lon double precision, feature_lat double precision, diameter_km double precision,
  lon double precision, lat double precision)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN moon_ground_m(feature_lon, feature_lat, lon, lat) <= coalesce(diameter_km, 0) * 500 THEN 'in ' || name
  ELSE to_char(
      moon_ground_m(feature_lon, feature_lat, lon, lat) / 1000,
      CASE WHEN moon_ground_m(feature_lon, feature_lat, lon, lat) < 9950 THEN 'FM0.0' ELSE 'FM99990' END)
    || ' km ' || (ARRAY['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW', 'N'])[
      1 + round(moon_bearing(feature_lon, feature_lat, lon, lat) / 45)::integer]
    || ' of ' || name
END;
COMMENT ON FUNCTION moon_relative IS
  'A place by a named feature: "in Tycho" within its radius, else as "62 km NE of Tycho": distance along the ground from the centre of the feature, and the direction there.';

-- Known objects ----------------------------------------------------------------------------------------------

ALTER TABLE selenoscan_data.known_object
  ADD COLUMN mission text,
  ADD COLUMN shipped boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN selenoscan_data.known_object.shipped IS
  'Whether it is of the catalogue that comes with the program, which keeps its own rows up to date and leaves others alone.';
-- What is no longer in the catalogue takes its tags with it.
ALTER TABLE selenoscan_data.site
  DROP CONSTRAINT site_known_object_id_fkey,
  ADD CONSTRAINT site_known_object_id_fkey
    FOREIGN KEY (known_object_id) REFERENCES selenoscan_data.known_object (id) ON DELETE SET NULL;
CREATE INDEX detection_known_object ON selenoscan_data.detection (known_object_id) WHERE known_object_id IS NOT NULL;

-- Coverage ---------------------------------------------------------------------------------------------------

ALTER TABLE selenoscan_data.scan
  ADD COLUMN coverage_km2 double precision GENERATED ALWAYS AS (moon_area(coverage) / 1e6) STORED;
COMMENT ON COLUMN selenoscan_data.scan.coverage_km2 IS 'Area on the sphere of what was looked at.';

CREATE FUNCTION selenoscan.look_of(image_id text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN regexp_replace(image_id, '^(M[0-9]+)[LR]$', '\1');
COMMENT ON FUNCTION selenoscan.look_of IS
  'NAC-L and NAC-R of one number are one look; any other image is one of its own.';

CREATE TABLE selenoscan_data.scan_cell (
  cell integer NOT NULL,
  scan_id bigint NOT NULL REFERENCES selenoscan_data.scan (id) ON DELETE CASCADE,
  area_m2 double precision NOT NULL CHECK (area_m2 > 0),
  PRIMARY KEY (cell, scan_id)
);
CREATE INDEX scan_cell_scan ON selenoscan_data.scan_cell (scan_id);
COMMENT ON TABLE selenoscan_data.scan_cell IS
  'Grid cells that each scan covers: of every image and model, those of the scan that counts, whichever model is active.';

CREATE TABLE selenoscan_data.coverage_cell (
  model_id text NOT NULL REFERENCES selenoscan_data.model (id) ON DELETE CASCADE,
  cell integer NOT NULL,
  images integer NOT NULL DEFAULT 0,
  looks integer NOT NULL DEFAULT 0,
  looks_high_sun integer NOT NULL DEFAULT 0,
  looks_medium_sun integer NOT NULL DEFAULT 0,
  looks_low_sun integer NOT NULL DEFAULT 0,
  covered_m2 double precision NOT NULL DEFAULT 0,
  first_seen timestamptz,
  last_seen timestamptz,
  best_resolution_m double precision,
  PRIMARY KEY (model_id, cell)
);
COMMENT ON TABLE selenoscan_data.coverage_cell IS
  'What selenoscan_data.cell_count says, kept by each commit for the cells that it touches; by model, so that another model becomes active without counting anew.';

CREATE VIEW selenoscan_data.cell_count AS
SELECT
  s.model_id,
  c.cell,
  count(*)::integer AS images,
  count(DISTINCT selenoscan.look_of(s.image_id))::integer AS looks,
  (count(DISTINCT selenoscan.look_of(s.image_id)) FILTER (WHERE p.incidence_deg < 40))::integer AS looks_high_sun,
  (count(DISTINCT selenoscan.look_of(s.image_id)) FILTER (WHERE p.incidence_deg >= 40 AND p.incidence_deg < 65))::integer AS looks_medium_sun,
  (count(DISTINCT selenoscan.look_of(s.image_id)) FILTER (WHERE p.incidence_deg >= 65))::integer AS looks_low_sun,
  sum(c.area_m2) AS covered_m2,
  min(p.start_time) AS first_seen,
  max(p.start_time) AS last_seen,
  min(p.resolution_m) AS best_resolution_m
FROM selenoscan_data.scan_cell c
JOIN selenoscan_data.scan s ON s.id = c.scan_id
JOIN selenoscan_data.product p ON p.id = s.product_pk
GROUP BY s.model_id, c.cell;
COMMENT ON VIEW selenoscan_data.cell_count IS 'Looks per model and grid cell, counted.';

INSERT INTO selenoscan_data.scan_cell (cell, scan_id, area_m2)
SELECT covered.cell, s.id, covered.area_m2
FROM selenoscan_data.scan s, selenoscan_data.cells_of(s.coverage) AS covered
WHERE s.finished_at IS NOT NULL AND s.coverage IS NOT NULL
  AND NOT EXISTS (
    SELECT FROM selenoscan_data.scan newer
    WHERE newer.image_id = s.image_id AND newer.model_id = s.model_id
      AND newer.product_pk > s.product_pk AND newer.finished_at IS NOT NULL);
INSERT INTO selenoscan_data.coverage_cell (
  model_id, cell, images, looks, looks_high_sun, looks_medium_sun, looks_low_sun, covered_m2,
  first_seen, last_seen, best_resolution_m)
SELECT
  model_id, cell, images, looks, looks_high_sun, looks_medium_sun, looks_low_sun, covered_m2,
  first_seen, last_seen, best_resolution_m
FROM selenoscan_data.cell_count;

-- Views ------------------------------------------------------------------------------------------------------

CREATE OR REPLACE VIEW selenoscan.detections AS
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
  moon_relative(feature.name, feature.lon, feature.lat, feature.diameter_km, d.lon, d.lat) AS nearest_feature,
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
COMMENT ON COLUMN selenoscan.detections.known_object IS
  'Known human-made object that this may be: both places agree within their combined uncertainty. A tag alone; nothing is left out for it.';
COMMENT ON COLUMN selenoscan.detections.nearest_feature IS
  'Place by a named feature of the Moon: "in Tycho" within the smallest crater or other landmark that holds it; else by the one whose rim is nearest, "62 km NE of Tycho": distance along the ground from its centre, and the direction there.';

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
  moon_relative(feature.name, feature.lon, feature.lat, feature.diameter_km, site.lon, site.lat) AS nearest_feature
FROM selenoscan_data.site site
LEFT JOIN selenoscan_data.known_object known ON known.id = site.known_object_id
LEFT JOIN selenoscan_data.feature feature ON feature.id = site.feature_id;
COMMENT ON COLUMN selenoscan.sites.known_object IS
  'Known human-made object that this may be: both places agree within their combined uncertainty.';
COMMENT ON COLUMN selenoscan.sites.nearest_feature IS
  'Place by a named feature of the Moon: "in Tycho" within the smallest crater or other landmark that holds it; else by the one whose rim is nearest, "62 km NE of Tycho": distance along the ground from its centre, and the direction there.';

CREATE OR REPLACE VIEW selenoscan.coverage AS
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
  s.seconds,
  s.coverage_km2 AS area_km2,
  selenoscan.look_of(s.image_id) AS look
FROM selenoscan_data.scan s
LEFT JOIN selenoscan_data.product p ON p.id = s.product_pk
WHERE s.is_current;
COMMENT ON COLUMN selenoscan.coverage.geom IS
  'Ground that was looked at, masked parts cut out, split at 180 degrees, SRID 30100 (IAU_2015:30100). Null where every tile was masked.';
COMMENT ON COLUMN selenoscan.coverage.area_km2 IS 'Area of geom on the sphere, square kilometres.';
COMMENT ON COLUMN selenoscan.coverage.look IS
  'Look that the image is part of: NAC-L and NAC-R of one number are one look.';

CREATE OR REPLACE VIEW selenoscan.known_objects AS
SELECT
  known.id,
  known.name,
  known.kind,
  known.lon,
  known.lat,
  known.uncertainty_m,
  known.arrived_on,
  known.source,
  known.geom,
  known.mission
FROM selenoscan_data.known_object known;
COMMENT ON COLUMN selenoscan.known_objects.kind IS
  'lander, rover, ascent stage, instrument, reflector, orbiter, stage or probe; what struck the ground says so: "impact" follows.';
COMMENT ON COLUMN selenoscan.known_objects.uncertainty_m IS
  'Radius in metres that holds the object 95 times of 100, as published or estimated from how it was published.';
COMMENT ON COLUMN selenoscan.known_objects.mission IS 'Mission that brought it.';

CREATE VIEW selenoscan.features AS
SELECT
  feature.id,
  feature.name,
  feature.type,
  feature.lon,
  feature.lat,
  feature.diameter_km,
  feature.geom
FROM selenoscan_data.feature feature;
COMMENT ON VIEW selenoscan.features IS 'Named features of the Moon: Gazetteer of Planetary Nomenclature, IAU and USGS Astrogeology Science Center.';
COMMENT ON COLUMN selenoscan.features.id IS 'Number of the feature in the gazetteer.';
COMMENT ON COLUMN selenoscan.features.name IS 'Name of the feature.';
COMMENT ON COLUMN selenoscan.features.type IS 'crater, satellite feature, mare, mons, rima, …';
COMMENT ON COLUMN selenoscan.features.lon IS 'Longitude of the centre in degrees east, -180 to 180, planetocentric.';
COMMENT ON COLUMN selenoscan.features.lat IS 'Planetocentric latitude of the centre in degrees.';
COMMENT ON COLUMN selenoscan.features.diameter_km IS 'Diameter or length, kilometres; null where none is stated.';
COMMENT ON COLUMN selenoscan.features.geom IS 'Centre of the feature, SRID 30100 (IAU_2015:30100).';

CREATE VIEW selenoscan.coverage_cells AS
SELECT
  grid.cell::bigint AS id,
  coalesce(seen.looks, 0) AS times_seen,
  coalesce(seen.looks_high_sun, 0) AS times_seen_high_sun,
  coalesce(seen.looks_medium_sun, 0) AS times_seen_medium_sun,
  coalesce(seen.looks_low_sun, 0) AS times_seen_low_sun,
  coalesce(seen.images, 0) AS images,
  coalesce(seen.covered_m2, 0) / 1e6 AS covered_km2,
  grid.area_m2 / 1e6 AS area_km2,
  coalesce(seen.covered_m2, 0) / grid.area_m2 AS mean_depth,
  seen.first_seen,
  seen.last_seen,
  seen.best_resolution_m,
  grid.geom
FROM selenoscan_data.grid_cell grid
LEFT JOIN selenoscan_data.coverage_cell seen
  ON seen.cell = grid.cell AND seen.model_id = (SELECT model.id FROM selenoscan_data.model WHERE model.active);
COMMENT ON VIEW selenoscan.coverage_cells IS
  'The whole Moon in cells of like area (bands of one degree, cells some 30 km wide, 919 km2 within 5 %), and how often the current scans of the active model looked at each. A cell counts where any part of it was looked at.';
COMMENT ON COLUMN selenoscan.coverage_cells.id IS 'Number of the cell: 360 * band + column; moon_cell(lon, lat) gives that of a place.';
COMMENT ON COLUMN selenoscan.coverage_cells.times_seen IS 'Looks at some part of the cell; NAC-L and NAC-R of one number are one look. 0 = never.';
COMMENT ON COLUMN selenoscan.coverage_cells.times_seen_high_sun IS 'Looks under a high Sun: incidence below 40 degrees.';
COMMENT ON COLUMN selenoscan.coverage_cells.times_seen_medium_sun IS 'Looks under a medium Sun: incidence of 40 to 65 degrees.';
COMMENT ON COLUMN selenoscan.coverage_cells.times_seen_low_sun IS 'Looks under a low Sun, with long shadows: incidence of 65 degrees or more.';
COMMENT ON COLUMN selenoscan.coverage_cells.images IS 'Images that cover some part of the cell.';
COMMENT ON COLUMN selenoscan.coverage_cells.covered_km2 IS 'Areas that the images cover in the cell, added up, square kilometres.';
COMMENT ON COLUMN selenoscan.coverage_cells.area_km2 IS 'Area of the cell on the sphere, square kilometres.';
COMMENT ON COLUMN selenoscan.coverage_cells.mean_depth IS 'Images over a place of the cell, on average: covered_km2 / area_km2.';
COMMENT ON COLUMN selenoscan.coverage_cells.first_seen IS 'When the earliest of these images was taken (UTC); null = never.';
COMMENT ON COLUMN selenoscan.coverage_cells.last_seen IS 'When the latest of these images was taken (UTC); null = never.';
COMMENT ON COLUMN selenoscan.coverage_cells.best_resolution_m IS 'Smallest mean ground size of a pixel among these images, metres.';
COMMENT ON COLUMN selenoscan.coverage_cells.geom IS 'Outline of the cell, SRID 30100 (IAU_2015:30100).';

-- Functions by place -----------------------------------------------------------------------------------------
-- One SELECT each, so that the planner sees through them, and an index serves each part.

DROP FUNCTION selenoscan.within_radius(double precision, double precision, double precision);
DROP FUNCTION selenoscan.nearest(double precision, double precision, integer);

CREATE FUNCTION selenoscan.within_radius(
  lon double precision, lat double precision, metres double precision, kind text DEFAULT 'detection')
RETURNS TABLE (
  kind text, id bigint, name text, score double precision, lon double precision, lat double precision,
  uncertainty_m double precision, distance_m double precision, geom geometry)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT 'detection', d.id, d.image_id || ' #' || d.rank_in_image, d.score, d.lon, d.lat, d.uncertainty_m,
    moon_ground_m(d.lon, d.lat, $1, $2), d.geom
  FROM selenoscan.detections d
  WHERE $4 IN ('detection', 'any')
    AND moon_xyz(d.lon, d.lat) &&& moon_box($1, $2, $3) AND moon_ground_m(d.lon, d.lat, $1, $2) <= $3
  UNION ALL
  SELECT 'site', s.id, NULL, s.best_score, s.lon, s.lat, s.uncertainty_m,
    moon_ground_m(s.lon, s.lat, $1, $2), s.geom
  FROM selenoscan.sites s
  WHERE $4 IN ('site', 'any')
    AND moon_xyz(s.lon, s.lat) &&& moon_box($1, $2, $3) AND moon_ground_m(s.lon, s.lat, $1, $2) <= $3
  UNION ALL
  SELECT 'known_object', k.id, k.name, NULL, k.lon, k.lat, k.uncertainty_m,
    moon_ground_m(k.lon, k.lat, $1, $2), k.geom
  FROM selenoscan.known_objects k
  WHERE $4 IN ('known_object', 'any')
    AND moon_xyz(k.lon, k.lat) &&& moon_box($1, $2, $3) AND moon_ground_m(k.lon, k.lat, $1, $2) <= $3;
END;
COMMENT ON FUNCTION selenoscan.within_radius IS
  'Detections within so many metres of a place along the ground; kind ''site'' or ''known_object'' asks for those instead, ''any'' for all three. id is that of the view of the kind.';

CREATE FUNCTION selenoscan.nearest(
  lon double precision, lat double precision, count integer, kind text DEFAULT 'detection')
RETURNS TABLE (
  kind text, id bigint, name text, score double precision, lon double precision, lat double precision,
  uncertainty_m double precision, distance_m double precision, geom geometry)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
  SELECT found.kind, found.id, found.name, found.score, found.lon, found.lat, found.uncertainty_m,
    moon_ground_m(found.lon, found.lat, $1, $2) AS distance_m, found.geom
  FROM (
    (SELECT 'detection' AS kind, d.id, d.image_id || ' #' || d.rank_in_image AS name, d.score, d.lon, d.lat,
       d.uncertainty_m, d.geom
     FROM selenoscan.detections d
     WHERE $4 IN ('detection', 'any') AND d.lon IS NOT NULL
     ORDER BY moon_xyz(d.lon, d.lat) <<->> moon_xyz($1, $2) LIMIT $3)
    UNION ALL
    (SELECT 'site', s.id, NULL, s.best_score, s.lon, s.lat, s.uncertainty_m, s.geom
     FROM selenoscan.sites s
     WHERE $4 IN ('site', 'any')
     ORDER BY moon_xyz(s.lon, s.lat) <<->> moon_xyz($1, $2) LIMIT $3)
    UNION ALL
    (SELECT 'known_object', k.id, k.name, NULL, k.lon, k.lat, k.uncertainty_m, k.geom
     FROM selenoscan.known_objects k
     WHERE $4 IN ('known_object', 'any')
     ORDER BY moon_xyz(k.lon, k.lat) <<->> moon_xyz($1, $2) LIMIT $3)
  ) found
  ORDER BY distance_m, found.kind, found.id
  LIMIT $3;
END;
COMMENT ON FUNCTION selenoscan.nearest IS
  'Detections nearest to a place, nearest first; kind ''site'' or ''known_object'' asks for those instead, ''any'' for so many of all three together. id is that of the view of the kind.';

-- Edges of a box in -180..180, where west > east says that it crosses 180 degrees; all around is -180 to 180.
CREATE FUNCTION moon_west(west double precision, east double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN east - west >= 360 THEN -180 ELSE moon_lon(west) END;
COMMENT ON FUNCTION moon_west IS 'Western edge of a box of longitudes, brought into -180..180 degrees.';

CREATE FUNCTION moon_east(west double precision, east double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN east - west >= 360 THEN 180 ELSE moon_lon(east) END;
COMMENT ON FUNCTION moon_east IS
  'Eastern edge of a box of longitudes, brought into -180..180 degrees; less than moon_west where the box crosses 180 degrees.';

-- A box across 180 degrees is two, and each is walked from its highest score by detection_geom_score.
CREATE FUNCTION selenoscan.best_in_box(
  west double precision, south double precision, east double precision, north double precision, count integer)
RETURNS TABLE (
  id bigint, score double precision, lon double precision, lat double precision, geom geometry)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
BEGIN ATOMIC
  SELECT found.id, found.score, found.lon, found.lat, found.geom
  FROM (
    (SELECT d.id, d.score, d.lon, d.lat, d.geom
     FROM selenoscan.detections d
     WHERE d.geom && ST_MakeEnvelope(moon_west($1, $3), $2,
         CASE WHEN moon_west($1, $3) <= moon_east($1, $3) THEN moon_east($1, $3) ELSE 180 END, $4, 30100)
       AND d.lon >= moon_west($1, $3)
       AND d.lon <= CASE WHEN moon_west($1, $3) <= moon_east($1, $3) THEN moon_east($1, $3) ELSE 180 END
       AND d.lat BETWEEN $2 AND $4
     ORDER BY d.score <-> 1000::double precision LIMIT $5)
    UNION ALL
    (SELECT d.id, d.score, d.lon, d.lat, d.geom
     FROM selenoscan.detections d
     WHERE moon_west($1, $3) > moon_east($1, $3)
       AND d.geom && ST_MakeEnvelope(-180, $2, moon_east($1, $3), $4, 30100)
       AND d.lon <= moon_east($1, $3) AND d.lat BETWEEN $2 AND $4
     ORDER BY d.score <-> 1000::double precision LIMIT $5)
  ) found
  ORDER BY found.score DESC, found.id
  LIMIT $5;
END;
COMMENT ON FUNCTION selenoscan.best_in_box IS
  'Detections with the highest scores in a box of degrees, of any turn: west > east crosses 180 degrees, as 170 to 190 does. Ids are those of selenoscan.detections.';

-- Coverage ends at 180 degrees on either side: a place there lies on both.
CREATE FUNCTION moon_place(lon double precision, lat double precision) RETURNS geometry
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN abs(moon_lon(lon)) = 180
  THEN ST_SetSRID(ST_Collect(ST_MakePoint(-180, lat), ST_MakePoint(180, lat)), 30100)
  ELSE ST_SetSRID(ST_MakePoint(moon_lon(lon), lat), 30100) END;
COMMENT ON FUNCTION moon_place IS 'A place to ask polygons for, SRID 30100; at 180 degrees it lies on either edge of the map.';

CREATE FUNCTION selenoscan.times_seen(
  lon double precision, lat double precision,
  incidence_from double precision DEFAULT NULL, incidence_to double precision DEFAULT NULL)
RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (
  SELECT count(DISTINCT c.look) FROM selenoscan.coverage c
  WHERE ST_Intersects(c.geom, moon_place(times_seen.lon, times_seen.lat))
    AND (times_seen.incidence_from IS NULL OR c.incidence_deg >= times_seen.incidence_from)
    AND (times_seen.incidence_to IS NULL OR c.incidence_deg < times_seen.incidence_to));
COMMENT ON FUNCTION selenoscan.times_seen IS
  'How many looks of the current scans cover a place; with bounds, those whose incidence angle lies from the first to below the second.';

CREATE FUNCTION selenoscan.last_seen(lon double precision, lat double precision) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (
  SELECT max(c.observed_at) FROM selenoscan.coverage c
  WHERE ST_Intersects(c.geom, moon_place(last_seen.lon, last_seen.lat)));
COMMENT ON FUNCTION selenoscan.last_seen IS
  'When the latest scanned image that covers a place was taken (UTC); null = never.';
