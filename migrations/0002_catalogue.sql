-- The catalogue of images and the work queue.

CREATE SCHEMA IF NOT EXISTS selenoscan_data;

CREATE TABLE selenoscan_data.model (
  id text PRIMARY KEY CHECK (id ~ '^[^@]+@[^@]+$'),
  manifest jsonb NOT NULL DEFAULT '{}',
  calibration jsonb NOT NULL DEFAULT '{}',
  active boolean NOT NULL DEFAULT false,
  registered_at timestamptz NOT NULL DEFAULT now(),
  activated_at timestamptz
);
CREATE UNIQUE INDEX model_one_active ON selenoscan_data.model (active) WHERE active;
COMMENT ON TABLE selenoscan_data.model IS 'Models known to this deployment (name@hash); at most one is active.';

CREATE TABLE selenoscan_data.product (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id text NOT NULL,
  version text NOT NULL,
  row_hash text NOT NULL,
  image_id text NOT NULL,
  data_set_id text NOT NULL,
  volume_id text NOT NULL,
  file_specification text NOT NULL,
  frame text NOT NULL CHECK (frame IN ('LEFT', 'RIGHT')),
  start_time timestamptz NOT NULL,
  stop_time timestamptz NOT NULL,
  orbit integer,
  lines integer NOT NULL,
  samples integer NOT NULL,
  pixel_width_m double precision,
  pixel_height_m double precision,
  resolution_m double precision,
  incidence_deg double precision,
  emission_deg double precision,
  phase_deg double precision,
  sub_solar_lon double precision,
  sub_solar_lat double precision,
  north_azimuth_deg double precision,
  sub_solar_azimuth_deg double precision,
  center_lon double precision,
  center_lat double precision,
  upper_left_lon double precision,
  upper_left_lat double precision,
  upper_right_lon double precision,
  upper_right_lat double precision,
  lower_right_lon double precision,
  lower_right_lat double precision,
  lower_left_lon double precision,
  lower_left_lat double precision,
  spacecraft_altitude_km double precision,
  flight_direction text NOT NULL,
  data_quality integer,
  discovered_at timestamptz NOT NULL DEFAULT now(),
  geom geometry(Point, 30100) GENERATED ALWAYS AS (
    CASE WHEN center_lon BETWEEN -180 AND 180 AND center_lat BETWEEN -90 AND 90
      THEN ST_SetSRID(ST_MakePoint(center_lon, center_lat), 30100) END) STORED,
  UNIQUE (product_id, version, row_hash)
);
CREATE INDEX product_image ON selenoscan_data.product (image_id);
CREATE INDEX product_start_time ON selenoscan_data.product (start_time);
CREATE INDEX product_geom ON selenoscan_data.product USING gist (geom);
COMMENT ON TABLE selenoscan_data.product IS
  'One row per product and version that an archive announced. A measured field is null where the archive gives none.';

CREATE TABLE selenoscan_data.scan (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_pk bigint NOT NULL REFERENCES selenoscan_data.product (id),
  image_id text NOT NULL,
  model_id text NOT NULL REFERENCES selenoscan_data.model (id),
  state text NOT NULL CHECK (state IN ('queued', 'claimed', 'scanned', 'skipped', 'invalid', 'missing', 'failed')),
  lane text NOT NULL CHECK (lane IN ('live', 'backfill')),
  state_since timestamptz NOT NULL DEFAULT now(),
  -- When a worker may take it: the end of a wait (queued, missing) or of the holder's lease (claimed).
  available_at timestamptz NOT NULL DEFAULT now(),
  lease_token uuid,
  worker text,
  attempts integer NOT NULL DEFAULT 0,
  error_code text,
  error text,
  finished_at timestamptz,
  first_scanned_at timestamptz,
  -- Whether the results below are what the views show; a scan that is queued again keeps them meanwhile.
  is_current boolean NOT NULL DEFAULT false,
  engine text,
  device text,
  code_version text,
  config_hash text,
  source_url text,
  source_checksum text,
  ground_model text,
  tiles integer,
  masked jsonb,
  statistics jsonb,
  coverage geometry(MultiPolygon, 30100)
    CHECK (coverage IS NULL OR (ST_XMin(coverage) >= -180 AND ST_XMax(coverage) <= 180)),
  score_map bytea,
  score_map_columns integer,
  score_map_rows integer,
  score_map_cell integer,
  seconds double precision,
  UNIQUE (product_pk, model_id),
  CHECK ((state = 'claimed') = (lease_token IS NOT NULL)),
  CHECK (score_map IS NULL OR length(score_map) = 4 * score_map_columns * score_map_rows)
);
CREATE INDEX scan_claim ON selenoscan_data.scan (model_id, lane, available_at, id)
  WHERE state IN ('queued', 'claimed', 'missing');
CREATE INDEX scan_image ON selenoscan_data.scan (image_id, model_id);
CREATE INDEX scan_finished ON selenoscan_data.scan (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX scan_not_done ON selenoscan_data.scan (state, error_code) WHERE state <> 'scanned';
CREATE INDEX scan_coverage ON selenoscan_data.scan USING gist (coverage) WHERE is_current;
CREATE INDEX scan_coverage_geography ON selenoscan_data.scan USING gist ((coverage::geography)) WHERE is_current;
COMMENT ON TABLE selenoscan_data.scan IS
  'One row per product version and model: the work queue and, when done, what was looked at and how. score_map: float32 little-endian, row-major, NaN = masked.';

CREATE TABLE selenoscan_data.fetch_slot (
  host text PRIMARY KEY,
  token uuid,
  holder text,
  available_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE selenoscan_data.fetch_slot IS
  'One connection per archive host for the whole deployment: whoever holds the token may ask until available_at; after a release it is the time of the next request.';

CREATE TABLE selenoscan_data.setting (
  key text PRIMARY KEY,
  value jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE selenoscan_data.setting IS 'Small facts that the deployment shares, such as the last ETag of an index or whether it is paused.';
