-- Alerts: rules, what they matched, and what is to be sent.

ALTER TABLE selenoscan_data.alert_rule
  ADD COLUMN area geometry(MultiPolygon, 30100)
    CHECK (area IS NULL OR (ST_XMin(area) >= -180 AND ST_XMax(area) <= 180)),
  ADD COLUMN policy jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN on_status boolean GENERATED ALWAYS AS (filter -> 'status' IS NOT NULL) STORED;
COMMENT ON COLUMN selenoscan_data.alert_rule.filter IS
  'What a detection must be: score, incidence, known, model, rank, status; docs/alerts.md.';
COMMENT ON COLUMN selenoscan_data.alert_rule.area IS
  'Where it must lie, split at 180 degrees; null = anywhere.';
COMMENT ON COLUMN selenoscan_data.alert_rule.target IS
  'Where alerts go. It names secrets and holds none.';
COMMENT ON COLUMN selenoscan_data.alert_rule.policy IS
  'When alerts go: at once or in a digest, rate limit, cool-down.';
COMMENT ON COLUMN selenoscan_data.alert_rule.on_status IS
  'Whether the rule asks for the status of a site, so that the builder of the sites matches it and not the scan.';
COMMENT ON COLUMN selenoscan_data.alert_rule.max_age IS
  'Time since the archive announced the product after which nothing alerts any more.';

ALTER TABLE selenoscan_data.alert_delivery
  DROP CONSTRAINT alert_delivery_state_check,
  ADD CONSTRAINT alert_delivery_state_check
    CHECK (state IN ('matched', 'suppressed', 'held', 'bundled', 'pending', 'sent', 'failed')),
  ALTER COLUMN state SET DEFAULT 'matched',
  ADD COLUMN kind text NOT NULL DEFAULT 'alert' CHECK (kind IN ('alert', 'digest')),
  ADD COLUMN planned_at timestamptz,
  ADD COLUMN digest_id bigint REFERENCES selenoscan_data.alert_delivery (id) ON DELETE SET NULL;
COMMENT ON COLUMN selenoscan_data.alert_delivery.state IS
  'matched: not planned yet; suppressed: its place alerted within the cool-down; held: waits for a digest; bundled: told by one; pending: to be sent at available_at; sent; failed: given up.';
COMMENT ON COLUMN selenoscan_data.alert_delivery.payload IS
  'What is told: the facts of the detection when it matched, or those of a digest.';
CREATE INDEX alert_delivery_matched ON selenoscan_data.alert_delivery (id) WHERE state = 'matched';
CREATE INDEX alert_delivery_rule ON selenoscan_data.alert_delivery (rule_id, planned_at);
CREATE INDEX alert_delivery_held ON selenoscan_data.alert_delivery (rule_id, planned_at) WHERE state = 'held';
CREATE INDEX alert_delivery_failed ON selenoscan_data.alert_delivery (id) WHERE state = 'failed';
CREATE INDEX alert_delivery_digest ON selenoscan_data.alert_delivery (digest_id) WHERE digest_id IS NOT NULL;

ALTER TABLE selenoscan_data.scan ADD COLUMN alerting_at timestamptz;
COMMENT ON COLUMN selenoscan_data.scan.alerting_at IS
  'When this scan was committed as the first of its image, in the live lane: detections made at that moment may alert. Null for a backfill and a re-scan.';

CREATE TABLE selenoscan_data.alert_site_build (
  detection_pk bigint PRIMARY KEY REFERENCES selenoscan_data.detection (id) ON DELETE CASCADE
);
COMMENT ON TABLE selenoscan_data.alert_site_build IS
  'Detections that may alert and went through a build of the sites: only the first build alerts.';

-- Links to pictures that carry a signature ---------------------------------------------------------------------

-- HMAC-SHA256 of RFC 2104, from the key's two pads: PostgreSQL hashes, but has no HMAC of its own.
CREATE FUNCTION selenoscan_data.chip_signature(pads jsonb, id bigint) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN rtrim(translate(encode(sha256(decode(pads ->> 'outer', 'hex') || sha256(decode(pads ->> 'inner', 'hex')
  || convert_to('/api/detections/' || id || '/chip.png', 'UTF8'))), 'base64'), '+/', '-_'), '=');
COMMENT ON FUNCTION selenoscan_data.chip_signature IS
  'Signature that lets a link to the picture of a detection in without a token; pads are the setting http.link_pads.';

-- The views keep whatever columns they have; their links gain the signature once the server has made its key.
DO $$
DECLARE
  view_name text;
  definition text;
BEGIN
  FOREACH view_name IN ARRAY ARRAY['selenoscan.detections', 'selenoscan.detection_outlines'] LOOP
    definition := pg_get_viewdef(view_name::regclass);
    IF position('''/chip.png''::text' IN definition) = 0 THEN
      RAISE EXCEPTION 'The view % has no link to a picture.', view_name;
    END IF;
    EXECUTE format('CREATE OR REPLACE VIEW %s AS %s', view_name, replace(definition, '''/chip.png''::text',
      '''/chip.png''::text || coalesce(''?s='' || selenoscan_data.chip_signature('
      || '(SELECT pads.value FROM selenoscan_data.setting pads WHERE pads.key = ''http.link_pads''), d.id), '''')'));
  END LOOP;
END
$$;
