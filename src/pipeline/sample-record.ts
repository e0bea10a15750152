import { z } from 'zod';
import type { Product } from '../domain/product.js';

const crop = z.object({
  /** Name of the PNG in the sample's folder. */
  file: z.string(),
  product_id: z.string(),
  version: z.string(),
  volume: z.string(),
  /** Upper-left pixel in the full-resolution image, 0-based, and the size in pixels. */
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
  /** Of the window's middle, planetocentric degrees; longitude -180..180. */
  latitude: z.number(),
  longitude: z.number(),
  /** Of the whole image, as its index row says. */
  incidence_deg: z.number(),
  emission_deg: z.number(),
  phase_deg: z.number(),
  resolution_m: z.number(),
  /** Towards the Sun in the window, degrees clockwise from up. */
  sun_azimuth_deg: z.number(),
  observed_at: z.string(),
  /** DATA_QUALITY_ID: 0 = nothing to complain about. */
  data_quality: z.number(),
  source_url: z.string(),
  /** Of the image that the window was cut from; see `FetchedImage`. */
  source_checksum: z.string(),
  /** Of the PNG. */
  sha256: z.string(),
});

/** One window as it was drawn: a row of `sample.csv`. */
export type Crop = z.infer<typeof crop>;

const outcome = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('drawn'),
    product_id: z.string(),
    stratum: z.string(),
    crops: z.array(crop),
  }),
  z.object({
    outcome: z.literal('failed'),
    product_id: z.string(),
    stratum: z.string(),
    code: z.string(),
    message: z.string(),
  }),
]);

/** What became of one candidate. */
export type Outcome = z.infer<typeof outcome>;

/** One line of the journal; null for a line that was cut short. */
export function parseOutcome(line: string): Outcome | null {
  try {
    return outcome.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

const place = z.object({ lon: z.number(), lat: z.number() });
const product: z.ZodType<Product> = z.object({
  productId: z.string(),
  version: z.string(),
  imageId: z.string(),
  dataSetId: z.string(),
  volumeId: z.string(),
  fileSpecification: z.string(),
  frame: z.enum(['LEFT', 'RIGHT']),
  startTime: z.coerce.date(),
  stopTime: z.coerce.date(),
  orbit: z.number(),
  lines: z.number(),
  samples: z.number(),
  pixelWidthM: z.number(),
  pixelHeightM: z.number(),
  resolutionM: z.number(),
  incidenceDeg: z.number(),
  emissionDeg: z.number(),
  phaseDeg: z.number(),
  subSolar: place,
  northAzimuthDeg: z.number(),
  subSolarAzimuthDeg: z.number(),
  center: place,
  corners: z.object({ upperLeft: place, upperRight: place, lowerRight: place, lowerLeft: place }),
  spacecraftAltitudeKm: z.number(),
  flightDirection: z.string(),
  dataQuality: z.number(),
  rowHash: z.string(),
});

const plan = z.object({
  /** What was asked for; another draw may not go on in the same folder. */
  options: z.record(z.string(), z.unknown()),
  /** Volumes whose index was read; `records` is null for one that is not there. */
  volumes: z.array(z.object({ volume: z.string(), records: z.number().nullable() })),
  /** Images of the index that were left out, by reason. */
  left_out: z.record(z.string(), z.number()),
  strata: z.array(z.object({ name: z.string(), available: z.number(), candidates: z.array(product) })),
});

/** What a draw will do, made once from the index: a broken draw goes on by it without reading the index again. */
export type SamplePlan = z.infer<typeof plan>;

export function parsePlan(text: string): SamplePlan | null {
  try {
    return plan.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
