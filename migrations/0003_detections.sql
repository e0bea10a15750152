-- What was found, and what people and rules make of it.

CREATE TABLE selenoscan_data.feature (
  id bigint PRIMARY KEY,
  name text NOT NULL,
  type text NOT NULL,
  lon double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
  lat double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
  diameter_km double precision
);
CREATE INDEX feature_xyz ON selenoscan_data.feature USING gist (moon_xyz(lon, lat) gist_geometry_ops_nd);
COMMENT ON TABLE selenoscan_data.feature IS 'Named features of the Moon (IAU/USGS gazetteer); id is the IAU''s.';

CREATE TABLE selenoscan_data.known_object (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  kind text NOT NULL,
  lon double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
  lat double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
  uncertainty_m double precision CHECK (uncertainty_m >= 0),
  arrived_on date,
  source text,
  geom geometry(Point, 30100) GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 30100)) STORED
);
CREATE INDEX known_object_xyz ON selenoscan_data.known_object USING gist (moon_xyz(lon, lat) gist_geometry_ops_nd);
COMMENT ON TABLE selenoscan_data.known_object IS 'Human-made objects on the Moon whose place is known.';

CREATE TABLE selenoscan_data.site (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  status text NOT NULL CHECK (status IN ('new', 'persistent', 'transient')),
  lon double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
  lat double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
  uncertainty_m double precision NOT NULL CHECK (uncertainty_m >= 0),
  looks integer NOT NULL DEFAULT 0,
  sightings integer NOT NULL DEFAULT 0,
  best_score double precision,
  first_observed_at timestamptz,
  last_observed_at timestamptz,
  known_object_id bigint REFERENCES selenoscan_data.known_object (id),
  known_object_distance_m double precision,
  feature_id bigint REFERENCES selenoscan_data.feature (id),
  updated_at timestamptz NOT NULL DEFAULT now(),
  geom geometry(Point, 30100) GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 30100)) STORED
);
CREATE INDEX site_geom_score ON selenoscan_data.site USING gist (geom, best_score);
CREATE INDEX site_xyz ON selenoscan_data.site USING gist (moon_xyz(lon, lat) gist_geometry_ops_nd);
COMMENT ON TABLE selenoscan_data.site IS 'One place on the Moon seen in one or more images.';

CREATE TABLE selenoscan_data.detection (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  detection_id uuid NOT NULL UNIQUE,
  scan_id bigint NOT NULL REFERENCES selenoscan_data.scan (id),
  image_id text NOT NULL,
  model_id text NOT NULL REFERENCES selenoscan_data.model (id),
  is_current boolean NOT NULL,
  superseded_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  rank_in_image integer NOT NULL CHECK (rank_in_image >= 1),
  score double precision NOT NULL CHECK (score > -1000 AND score < 1000),
  score_raw double precision NOT NULL,
  scores jsonb NOT NULL,
  tile_x integer NOT NULL,
  tile_y integer NOT NULL,
  tile_count integer NOT NULL,
  line double precision NOT NULL,
  sample double precision NOT NULL,
  width_px double precision NOT NULL,
  height_px double precision NOT NULL,
  outline_px jsonb NOT NULL,
  lon double precision CHECK (lon BETWEEN -180 AND 180),
  lat double precision CHECK (lat BETWEEN -90 AND 90),
  uncertainty_m double precision CHECK (uncertainty_m >= 0),
  width_m double precision,
  height_m double precision,
  sun_azimuth_deg double precision,
  geom geometry(Point, 30100),
  outline geometry(MultiPolygon, 30100)
    CHECK (outline IS NULL OR (ST_XMin(outline) >= -180 AND ST_XMax(outline) <= 180)),
  site_id bigint REFERENCES selenoscan_data.site (id) ON DELETE SET NULL,
  known_object_id bigint REFERENCES selenoscan_data.known_object (id) ON DELETE SET NULL,
  known_object_distance_m double precision,
  feature_id bigint REFERENCES selenoscan_data.feature (id) ON DELETE SET NULL,
  review text,
  CHECK ((lon IS NULL) = (geom IS NULL) AND (lat IS NULL) = (geom IS NULL)),
  CHECK (superseded_at IS NULL OR NOT is_current)
);
CREATE INDEX detection_image ON selenoscan_data.detection (image_id, model_id);
CREATE INDEX detection_scan ON selenoscan_data.detection (scan_id);
CREATE INDEX detection_model ON selenoscan_data.detection (model_id, is_current);
CREATE INDEX detection_score ON selenoscan_data.detection (score DESC) WHERE is_current;
-- A box with the best first: ORDER BY score <-> 1000::float8.
CREATE INDEX detection_geom_score ON selenoscan_data.detection USING gist (geom, score) WHERE is_current;
CREATE INDEX detection_outline ON selenoscan_data.detection USING gist (outline) WHERE is_current;
CREATE INDEX detection_xyz ON selenoscan_data.detection USING gist (moon_xyz(lon, lat) gist_geometry_ops_nd) WHERE is_current;
CREATE INDEX detection_site ON selenoscan_data.detection (site_id) WHERE site_id IS NOT NULL;
COMMENT ON TABLE selenoscan_data.detection IS
  'One object found in one image by one model. detection_id is a UUIDv5 of image, model and peak tile, so that a re-scan updates it.';

CREATE TABLE selenoscan_data.chip (
  detection_pk bigint PRIMARY KEY REFERENCES selenoscan_data.detection (id) ON DELETE CASCADE,
  tile bytea NOT NULL,
  reconstruction bytea NOT NULL,
  error bytea NOT NULL,
  context bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE selenoscan_data.chip IS 'PNG pictures of a detection.';

CREATE TABLE selenoscan_data.review (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  detection_pk bigint NOT NULL REFERENCES selenoscan_data.detection (id),
  reviewer text NOT NULL,
  verdict text NOT NULL,
  note text,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (detection_pk, reviewer)
);
COMMENT ON TABLE selenoscan_data.review IS
  'What each reviewer says of a detection; detection.review holds the verdict that counts. A reviewed detection is never deleted, so its place outlives the model.';

CREATE TABLE selenoscan_data.alert_rule (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  enabled boolean NOT NULL DEFAULT true,
  filter jsonb NOT NULL,
  channel text NOT NULL,
  target jsonb NOT NULL,
  max_age interval NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE selenoscan_data.alert_rule IS 'Who wants to hear of which detections, and where.';

CREATE TABLE selenoscan_data.alert_delivery (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rule_id bigint NOT NULL REFERENCES selenoscan_data.alert_rule (id) ON DELETE CASCADE,
  detection_pk bigint REFERENCES selenoscan_data.detection (id) ON DELETE SET NULL,
  idempotency_key uuid NOT NULL UNIQUE,
  payload jsonb NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  available_at timestamptz NOT NULL DEFAULT now(),
  sent_at timestamptz,
  error text,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX alert_delivery_pending ON selenoscan_data.alert_delivery (available_at, id) WHERE state = 'pending';
CREATE INDEX alert_delivery_detection ON selenoscan_data.alert_delivery (detection_pk) WHERE detection_pk IS NOT NULL;
COMMENT ON TABLE selenoscan_data.alert_delivery IS 'Outbox: alerts to send at least once, each with its idempotency key.';
