-- What people say of detections, what follows from it, and the order that is learnt from it.

ALTER TABLE selenoscan_data.review
  -- A note alone is a review without a verdict.
  ALTER COLUMN verdict DROP NOT NULL,
  ADD COLUMN updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ADD CONSTRAINT review_verdict CHECK (verdict IN ('accept', 'reject', 'known', 'artefact')) NOT VALID,
  ADD CONSTRAINT review_says CHECK (verdict IS NOT NULL OR note IS NOT NULL) NOT VALID;
CREATE INDEX review_reviewer ON selenoscan_data.review (reviewer);
CREATE INDEX review_updated ON selenoscan_data.review (updated_at);
COMMENT ON COLUMN selenoscan_data.review.verdict IS
  'accept = something other than plain terrain; reject = plain terrain or light; known = a known human-made object; artefact = the camera or the processing; null = a note alone.';

ALTER TABLE selenoscan_data.detection
  ADD COLUMN reviewer text,
  ADD COLUMN reviewed_at timestamptz,
  ADD COLUMN latent bytea;
CREATE INDEX detection_reviewed ON selenoscan_data.detection (reviewed_at) WHERE review IS NOT NULL;
COMMENT ON COLUMN selenoscan_data.detection.review IS
  'Verdict that counts: that of most reviewers of the place, of equally many the latest; null = none.';
COMMENT ON COLUMN selenoscan_data.detection.reviewer IS 'Who gave the verdict that counts last.';
COMMENT ON COLUMN selenoscan_data.detection.reviewed_at IS 'When the place got its first verdict.';
COMMENT ON COLUMN selenoscan_data.detection.latent IS
  'Latent code of the best tile: means of the encoder as IEEE 754 half floats, little-endian. Null where the scan did not keep it.';

-- An order of its own beside the score, which it never changes. Rewritten as a whole whenever it is learnt anew.
CREATE TABLE selenoscan_data.learned_order (
  detection_pk bigint PRIMARY KEY,
  value double precision NOT NULL
);
CREATE INDEX learned_order_value ON selenoscan_data.learned_order (value DESC, detection_pk);
COMMENT ON TABLE selenoscan_data.learned_order IS
  'Log-odds that a person accepts a detection, learnt from the reviews; empty where that orders no better than the score. How it was made is in setting review.learned.';

-- Peaks this near in one image are one place, whichever model saw it: half the way between tiles.
CREATE FUNCTION selenoscan_data.same_place(
  line_a double precision, sample_a double precision, line_b double precision, sample_b double precision)
RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (line_a - line_b) * (line_a - line_b) + (sample_a - sample_b) * (sample_a - sample_b) <= 16 * 16;
COMMENT ON FUNCTION selenoscan_data.same_place IS
  'Whether two peaks of one image lie within 16 pixels, so that what was said of one holds for the other.';

CREATE VIEW selenoscan.reviews AS
SELECT
  d.id,
  p.product_id,
  d.image_id,
  d.sample AS x,
  d.line AS y,
  CASE d.review WHEN 'accept' THEN 'object' ELSE d.review END AS class,
  d.review AS verdict,
  d.reviewer,
  said.note,
  d.reviewed_at,
  said.reviews,
  d.score,
  d.rank_in_image,
  d.lon,
  d.lat,
  d.uncertainty_m,
  p.start_time AS observed_at,
  p.incidence_deg,
  known.name AS known_object,
  d.model_id,
  d.geom
FROM (
  SELECT
    r.detection_pk,
    (array_agg(r.note ORDER BY r.updated_at DESC, r.id DESC) FILTER (WHERE r.note IS NOT NULL))[1] AS note,
    jsonb_agg(jsonb_build_object(
      'reviewer', r.reviewer, 'verdict', r.verdict, 'note', r.note, 'at', r.updated_at) ORDER BY r.updated_at, r.id) AS reviews
  FROM selenoscan_data.review r
  GROUP BY r.detection_pk
) said
JOIN selenoscan_data.detection d ON d.id = said.detection_pk
LEFT JOIN selenoscan_data.scan s ON s.id = d.scan_id
LEFT JOIN selenoscan_data.product p ON p.id = s.product_pk
LEFT JOIN selenoscan_data.known_object known ON known.id = d.known_object_id
WHERE NOT EXISTS (
  SELECT FROM selenoscan_data.detection later
  JOIN selenoscan_data.review ON review.detection_pk = later.id
  WHERE later.image_id = d.image_id AND later.model_id <> d.model_id AND later.id > d.id
    AND selenoscan_data.same_place(later.line, later.sample, d.line, d.sample));
COMMENT ON VIEW selenoscan.reviews IS
  'Reviewed detections, each place of an image once, of any model, also those that a later scan did not find again. As CSV they are labels: objects are the rows accept and known.';
COMMENT ON COLUMN selenoscan.reviews.id IS 'Number of the detection, as in selenoscan.detections.';
COMMENT ON COLUMN selenoscan.reviews.product_id IS 'Product that was scanned, e.g. M1271742202LC.';
COMMENT ON COLUMN selenoscan.reviews.image_id IS 'Image: the product id without its last letter, the same for EDR and CDR.';
COMMENT ON COLUMN selenoscan.reviews.x IS 'Sample of the peak in the image, 0-based; the centre of the first pixel is 0.5.';
COMMENT ON COLUMN selenoscan.reviews.y IS 'Line of the peak in the image, 0-based; the centre of the first pixel is 0.5.';
COMMENT ON COLUMN selenoscan.reviews.class IS 'Class as a label: object for what was accepted, else the verdict.';
COMMENT ON COLUMN selenoscan.reviews.verdict IS
  'Verdict that counts: accept, reject, known or artefact; null where there are notes alone.';
COMMENT ON COLUMN selenoscan.reviews.reviewer IS 'Who gave the verdict that counts last.';
COMMENT ON COLUMN selenoscan.reviews.note IS 'Latest note.';
COMMENT ON COLUMN selenoscan.reviews.reviewed_at IS 'When the place got its first verdict (UTC).';
COMMENT ON COLUMN selenoscan.reviews.reviews IS 'All that was said, in order: reviewer, verdict, note and time.';
COMMENT ON COLUMN selenoscan.reviews.score IS
  '-log10 of the calibrated probability that a plain tile under like lighting scores higher: 6 = one tile in a million. Below 1000.';
COMMENT ON COLUMN selenoscan.reviews.rank_in_image IS '1 = the highest score of the image.';
COMMENT ON COLUMN selenoscan.reviews.lon IS 'Longitude in degrees east, -180 to 180, planetocentric, IAU 2015. Null where the image has no geometry.';
COMMENT ON COLUMN selenoscan.reviews.lat IS 'Planetocentric latitude in degrees.';
COMMENT ON COLUMN selenoscan.reviews.uncertainty_m IS 'Radius in metres that holds the true place 95 times of 100.';
COMMENT ON COLUMN selenoscan.reviews.observed_at IS 'When the image was taken (UTC).';
COMMENT ON COLUMN selenoscan.reviews.incidence_deg IS 'Angle of the Sun from the zenith at the image''s centre, degrees.';
COMMENT ON COLUMN selenoscan.reviews.known_object IS 'Known human-made object that this may be.';
COMMENT ON COLUMN selenoscan.reviews.model_id IS 'Model that found it: name@hash.';
COMMENT ON COLUMN selenoscan.reviews.geom IS 'Peak of the object, SRID 30100 (IAU_2015:30100).';
