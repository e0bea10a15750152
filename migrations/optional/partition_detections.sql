-- Puts the detections into thirteen partitions: twelve zones of 30 degrees of longitude and one for those without a
-- place. For deployments towards 1e8 rows; docs/scale.md says when and why. It is no migration: run it by hand, as a
-- member of selenoscan_owner, with the daemon stopped and room for a second copy of the table:
--   psql "$DATABASE_URL" --single-transaction -v ON_ERROR_STOP=1 -f migrations/optional/partition_detections.sql
-- Then run "selenoscan migrate" for the roles' rights. Views, functions and the daemon go on as before.

-- View definitions name their tables in full where no schema of theirs is searched.
SET LOCAL search_path = public;

ALTER TABLE selenoscan_data.chip DROP CONSTRAINT chip_detection_pk_fkey;
ALTER TABLE selenoscan_data.review DROP CONSTRAINT review_detection_pk_fkey;
ALTER TABLE selenoscan_data.alert_delivery DROP CONSTRAINT alert_delivery_detection_pk_fkey;
ALTER TABLE selenoscan_data.alert_site_build DROP CONSTRAINT alert_site_build_detection_pk_fkey;

ALTER TABLE selenoscan_data.detection RENAME TO detection_whole;

-- A unique key must hold the column of the partitions: ids are unique by their sequence, and detection_id by the
-- upsert, which looks for it first while it has the image locked.
CREATE TABLE selenoscan_data.detection (
  LIKE selenoscan_data.detection_whole INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING COMMENTS
) PARTITION BY RANGE (lon);
COMMENT ON TABLE selenoscan_data.detection IS
  'One object found in one image by one model. detection_id is a UUIDv5 of image, model and peak tile, so that a re-scan updates it. In partitions by longitude.';

DO $$
DECLARE zone integer;
BEGIN
  FOR zone IN 0..11 LOOP
    EXECUTE format(
      'CREATE TABLE selenoscan_data.detection_zone_%s PARTITION OF selenoscan_data.detection FOR VALUES FROM (%s) TO (%s)',
      to_char(zone, 'FM00'), -180 + 30 * zone,
      CASE zone WHEN 11 THEN 'MAXVALUE' ELSE (-150 + 30 * zone)::text END);
  END LOOP;
END
$$;
CREATE TABLE selenoscan_data.detection_placeless PARTITION OF selenoscan_data.detection DEFAULT;

CREATE SEQUENCE selenoscan_data.detection_number;
SELECT setval('selenoscan_data.detection_number', coalesce(max(id), 0) + 1, false) FROM selenoscan_data.detection_whole;
ALTER TABLE selenoscan_data.detection ALTER COLUMN id SET DEFAULT nextval('selenoscan_data.detection_number');
ALTER SEQUENCE selenoscan_data.detection_number OWNED BY selenoscan_data.detection.id;
GRANT USAGE ON SEQUENCE selenoscan_data.detection_number TO PUBLIC;

-- In the order of the map: what is asked for together lies together.
INSERT INTO selenoscan_data.detection SELECT * FROM selenoscan_data.detection_whole ORDER BY geom;

CREATE INDEX detection_part_id ON selenoscan_data.detection (id);
CREATE INDEX detection_part_detection_id ON selenoscan_data.detection (detection_id);
CREATE INDEX detection_part_image ON selenoscan_data.detection (image_id, model_id);
CREATE INDEX detection_part_scan ON selenoscan_data.detection (scan_id);
CREATE INDEX detection_part_model ON selenoscan_data.detection (model_id, is_current);
CREATE INDEX detection_part_score ON selenoscan_data.detection (score DESC) WHERE is_current;
CREATE INDEX detection_part_geom_score ON selenoscan_data.detection USING gist (geom, score) WHERE is_current;
CREATE INDEX detection_part_outline ON selenoscan_data.detection USING gist (outline) WHERE is_current;
CREATE INDEX detection_part_xyz ON selenoscan_data.detection USING gist (moon_xyz(lon, lat) gist_geometry_ops_nd) WHERE is_current;
CREATE INDEX detection_part_site ON selenoscan_data.detection (site_id) WHERE site_id IS NOT NULL;
CREATE INDEX detection_part_known_object ON selenoscan_data.detection (known_object_id) WHERE known_object_id IS NOT NULL;
CREATE INDEX detection_part_reviewed ON selenoscan_data.detection (reviewed_at) WHERE review IS NOT NULL;

ALTER TABLE selenoscan_data.detection
  ADD FOREIGN KEY (scan_id) REFERENCES selenoscan_data.scan (id),
  ADD FOREIGN KEY (model_id) REFERENCES selenoscan_data.model (id),
  ADD FOREIGN KEY (site_id) REFERENCES selenoscan_data.site (id) ON DELETE SET NULL,
  ADD FOREIGN KEY (known_object_id) REFERENCES selenoscan_data.known_object (id) ON DELETE SET NULL,
  ADD FOREIGN KEY (feature_id) REFERENCES selenoscan_data.feature (id) ON DELETE SET NULL;

-- What the foreign keys of chip, review and the alerts did. A row that moves to another zone is deleted and
-- inserted: what is still there loses nothing.
CREATE FUNCTION selenoscan_data.forget_detection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM selenoscan_data.detection WHERE id = OLD.id) THEN
    RETURN NULL;
  END IF;
  IF EXISTS (SELECT FROM selenoscan_data.review WHERE detection_pk = OLD.id) THEN
    RAISE foreign_key_violation USING MESSAGE = format('The detection %s was reviewed: it is not deleted.', OLD.id);
  END IF;
  DELETE FROM selenoscan_data.chip WHERE detection_pk = OLD.id;
  DELETE FROM selenoscan_data.alert_site_build WHERE detection_pk = OLD.id;
  UPDATE selenoscan_data.alert_delivery SET detection_pk = NULL WHERE detection_pk = OLD.id;
  RETURN NULL;
END
$$;
CREATE TRIGGER forget_detection AFTER DELETE ON selenoscan_data.detection
  FOR EACH ROW EXECUTE FUNCTION selenoscan_data.forget_detection();

-- Views hold on to the table that they were made for: each is made anew as it stands, over the new one.
DO $$
DECLARE view record;
BEGIN
  FOR view IN
    SELECT DISTINCT c.oid::regclass AS name, pg_get_viewdef(c.oid) AS definition
    FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class c ON c.oid = r.ev_class
    WHERE d.refobjid = 'selenoscan_data.detection_whole'::regclass AND c.relkind = 'v'
  LOOP
    EXECUTE format('CREATE OR REPLACE VIEW %s AS %s', view.name,
      replace(view.definition, 'selenoscan_data.detection_whole', 'selenoscan_data.detection'));
  END LOOP;
END
$$;

DROP TABLE selenoscan_data.detection_whole;
