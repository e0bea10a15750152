-- How the tiles of a scan were scored, and how wide the bounds of a model's int8 graphs have proved to be.

ALTER TABLE selenoscan_data.scan
  ADD COLUMN mode text CHECK (mode IN ('exact', 'full', 'cascade')),
  ADD COLUMN sampled_tiles integer,
  ADD COLUMN rescored_tiles integer,
  ADD COLUMN approximate_tiles integer,
  ADD COLUMN checked_tiles integer,
  ADD COLUMN beyond_tiles integer,
  ADD COLUMN miss_estimate double precision,
  ADD COLUMN bounds_version integer;
COMMENT ON COLUMN selenoscan_data.scan.mode IS
  'exact = every tile in fp32; full = each in int8, cascade = the autoencoder only where it may decide, both in fp32 where a tile may decide on a detection. Null where the scan was made before there were modes, in fp32.';
COMMENT ON COLUMN selenoscan_data.scan.sampled_tiles IS
  'Tiles in fp32 that the statistics of the image were taken from.';
COMMENT ON COLUMN selenoscan_data.scan.rescored_tiles IS
  'Tiles scored again in fp32, since they could decide on a detection.';
COMMENT ON COLUMN selenoscan_data.scan.approximate_tiles IS
  'Tiles that were not scored in fp32: score_map is approximate where they lie; 0 = it is exact.';
COMMENT ON COLUMN selenoscan_data.scan.checked_tiles IS
  'Tiles drawn at random of those that int8 had left out, and scored in fp32 to check the bounds; 0 where none were used.';
COMMENT ON COLUMN selenoscan_data.scan.beyond_tiles IS
  'Those of checked_tiles that lay beyond the bounds, which were widened then and the image settled anew.';
COMMENT ON COLUMN selenoscan_data.scan.miss_estimate IS
  'Share of the tiles in int8 that lay beyond the bounds the scan began with, by its draw; null where nothing was drawn.';
COMMENT ON COLUMN selenoscan_data.scan.bounds_version IS
  'Version of the bounds that the scan ended with; 0 = the model folder''s.';

CREATE TABLE selenoscan_data.model_bounds (
  model_id text NOT NULL REFERENCES selenoscan_data.model (id) ON DELETE CASCADE,
  version integer NOT NULL CHECK (version >= 1),
  -- By how much the bound of each part reaches farther than the model folder says; absent parts do not.
  widening jsonb NOT NULL,
  widened_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (model_id, version)
);
COMMENT ON TABLE selenoscan_data.model_bounds IS
  'Bounds of int8 scores that were widened by what scans have seen; the newest version of a model holds. Before the first, those of the model folder do.';
