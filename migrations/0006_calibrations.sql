-- Calibrations that are learnt from scans, and what of a scan they are learnt from.

ALTER TABLE selenoscan_data.scan
  ADD COLUMN calibration_version integer NOT NULL DEFAULT 0,
  ADD COLUMN profile jsonb;
COMMENT ON COLUMN selenoscan_data.scan.calibration_version IS
  'Version of the calibration that the scores of its detections were made with; 0 = the model folder''s.';
COMMENT ON COLUMN selenoscan_data.scan.profile IS
  'What a calibration learns from the image: histograms of raw scores, brightness and contrast, and its light; null where every tile was masked.';

CREATE TABLE selenoscan_data.model_calibration (
  model_id text NOT NULL REFERENCES selenoscan_data.model (id) ON DELETE CASCADE,
  version integer NOT NULL CHECK (version >= 1),
  calibration jsonb NOT NULL,
  learnt_at timestamptz NOT NULL DEFAULT now(),
  -- What it was learnt from, beside the calibration before it.
  scans integer NOT NULL,
  tiles bigint NOT NULL,
  PRIMARY KEY (model_id, version)
);
COMMENT ON TABLE selenoscan_data.model_calibration IS
  'Calibrations learnt from scans; the newest version of a model holds. Before the first, that of the model folder does.';
