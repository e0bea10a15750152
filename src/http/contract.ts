import { z } from 'zod';
import { VERDICTS } from '../domain/review.js';

/** Shapes of the API's questions and answers. The OpenAPI document is made from them; the page uses their types. */

const degrees = z.number().describe('degrees');
const metres = z.number().describe('metres');
const time = z.iso.datetime().describe('UTC, ISO 8601');

const point = z
  .object({ type: z.literal('Point'), coordinates: z.tuple([degrees, degrees]) })
  .describe('Longitude east -180..180 and planetocentric latitude.');
const multiPolygon = z
  .object({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(z.array(z.array(degrees)))) })
  .describe('Degrees, split at the antimeridian.');

/** RFC 7946 knows the Earth alone, so that every answer names its body. */
const body = {
  body: z.literal('Moon'),
  reference_system: z.literal('IAU_2015:30100').describe('Sphere, planetocentric latitude, longitude east.'),
  radius_m: z.literal(1_737_400),
};

const detectionProperties = z.object({
  id: z.int(),
  product_id: z.string(),
  product_version: z.string(),
  image_id: z.string(),
  observed_at: time,
  scanned_at: time,
  score: z.number().describe('-log10 of the chance that a plain tile under like light scores higher.'),
  score_raw: z.number(),
  scores: z.record(z.string(), z.number()),
  rank_in_image: z.int(),
  lon: degrees.nullable(),
  lat: degrees.nullable(),
  uncertainty_m: metres.nullable().describe('Radius that holds the truth 95 times of 100, metres.'),
  line: z.number(),
  sample: z.number(),
  width_m: metres.nullable(),
  height_m: metres.nullable(),
  incidence_deg: degrees.nullable(),
  emission_deg: degrees.nullable(),
  phase_deg: degrees.nullable(),
  sun_azimuth_deg: degrees.nullable(),
  resolution_m: metres.nullable(),
  model_id: z.string(),
  code_version: z.string(),
  source_url: z.string(),
  source_checksum: z.string(),
  site_id: z.int().nullable(),
  site_status: z.string().nullable(),
  known_object: z.string().nullable(),
  known_object_distance_m: metres.nullable(),
  nearest_feature: z.string().nullable(),
  review: z.string().nullable(),
  product_url: z.string().describe('Page of the product at the LROC archive.'),
  chip_url: z.string().describe('Tile as PNG, relative to this server.'),
  reconstruction_url: z.string(),
  error_url: z.string(),
  context_url: z.string(),
  reviewer: z.string().nullable().describe('Who gave the verdict that counts last.'),
  reviewed_at: time.nullable().describe('When the place got its first verdict.'),
  learned: z.number().nullable().describe('Log-odds that a person accepts it, learnt from the reviews.'),
});

const reviews = z
  .array(
    z.object({
      reviewer: z.string(),
      verdict: z.enum(VERDICTS).nullable(),
      note: z.string().nullable(),
      at: time,
    }),
  )
  .describe('What each reviewer says of it, the earliest first.');

const detectionFeature = z.object({
  type: z.literal('Feature'),
  ...body,
  id: z.int(),
  geometry: point.nullable().describe('Null where the image has no geometry.'),
  properties: detectionProperties,
});

/** One detection alone also has its outline and reviews. */
export const detectionDetail = detectionFeature.extend({ outline: multiPolygon.nullable(), reviews });

export const detectionCollection = z.object({
  type: z.literal('FeatureCollection'),
  ...body,
  features: z.array(detectionFeature.omit({ body: true, reference_system: true, radius_m: true })),
  next: z.string().nullable().describe('Cursor of the next page; null after the last.'),
});

export const markList = z.object({
  ...body,
  marks: z
    .array(
      z.object({
        id: z.int(),
        lon: degrees,
        lat: degrees,
        score: z.number(),
        known: z.boolean().describe('Whether a known human-made object lies there.'),
        review: z.string().nullable(),
      }),
    )
    .describe('The highest score first.'),
});

export const reviewState = z.object({
  id: z.int(),
  review: z.string().nullable().describe('The verdict that counts.'),
  reviewer: z.string().nullable(),
  reviewed_at: time.nullable(),
  reviews,
});

const count = z.int();
const share = z.number().nullable();
export const reviewStanding = z.object({
  detections: count.describe('Detections under the filters, reviewed or not.'),
  reviewed: count,
  verdicts: z.record(z.string(), count).describe('Of those reviewed, by the verdict that counts.'),
  reviewers: z.array(z.string()),
  revision: z.string().describe('Changes with every review.'),
  efficiency: z
    .object({
      tiles: count.describe('Tiles of 64 x 64 pixels without overlap that cover all that was scored.'),
      reviewed: count,
      finds: count.describe('Accepted or known.'),
      looks: count.describe('Reviewed detections up to and with the last find.'),
      depth: count.describe('Detections that score as high as the lowest find.'),
      precision: share.describe('finds / reviewed'),
      reviewed_share: share.describe('reviewed / tiles'),
      eomv: share.describe(
        'Efficiency over manual vetting so far: tiles / looks; null before the first find.',
      ),
      eomv_by_score: share.describe('The same by the order of the score: tiles / depth.'),
    })
    .describe('Of all current detections, whatever the filters.'),
  learned: z.object({
    state: z.enum(['waiting', 'learning', 'applied', 'not-better', 'failed']),
    remark: z.string(),
    reviewed: count,
    finds: count,
    ap_score: share.describe('Average precision of the score on the reviewed.'),
    ap_learned: share.describe('Average precision of the learned order there, cross-validated.'),
    gain_low: share.describe('95 % interval of the difference.'),
    gain_high: share,
    eomv_score: share,
    eomv_learned: share,
    learned_at: time.nullable(),
    ranked: count.describe('Detections with a learned value.'),
  }),
});

export const featureCollection = z.object({
  type: z.literal('FeatureCollection'),
  ...body,
  features: z.array(
    z.object({
      type: z.literal('Feature'),
      id: z.int().describe('Number in the IAU gazetteer.'),
      geometry: point,
      properties: z.object({
        name: z.string(),
        type: z.string(),
        diameter_km: z.number().nullable(),
      }),
    }),
  ),
});

export const coverageCollection = z.object({
  type: z.literal('FeatureCollection'),
  ...body,
  features: z.array(
    z.object({
      type: z.literal('Feature'),
      id: z.int(),
      geometry: multiPolygon.nullable(),
      properties: z.object({
        product_id: z.string(),
        image_id: z.string(),
        observed_at: time,
        scanned_at: time,
        tiles: z.int(),
        tiles_scored: z.int(),
        incidence_deg: degrees.nullable(),
        resolution_m: metres.nullable(),
        seconds: z.number(),
        detections: z.int(),
      }),
    }),
  ),
});

export const revision = z.object({
  revision: z.string().describe('Changes whenever detections or coverage may have changed.'),
});

export const problem = z.object({ error: z.string().describe('One sentence.') });

export type DetectionDetail = z.infer<typeof detectionDetail>;
export type DetectionCollection = z.infer<typeof detectionCollection>;
export type DetectionFeature = DetectionCollection['features'][number];
export type MarkList = z.infer<typeof markList>;
export type Mark = MarkList['marks'][number];
export type ReviewStateAnswer = z.infer<typeof reviewState>;
export type ReviewStandingAnswer = z.infer<typeof reviewStanding>;
export type FeatureCollection = z.infer<typeof featureCollection>;
export type NamedFeature = FeatureCollection['features'][number];
export type CoverageCollection = z.infer<typeof coverageCollection>;
export type CoverageFeature = CoverageCollection['features'][number];
