import type { Detection } from '../domain/detection.js';
import type { LonLat } from '../domain/geometry.js';
import type { Product } from '../domain/product.js';
import type { Feature } from '../domain/reference.js';
import type { ScanMode } from '../domain/scan.js';
import type { MaskCounts } from '../domain/tile.js';
import { relativeTo } from '../geo/nearest-feature.js';
import { codeVersion } from './version.js';

/** Where the archive shows a product to people. */
export const PRODUCT_PAGES = 'https://data.lroc.im-ldi.com/lroc/view_lroc/';

/** One image in the answer of `scan --json` (design 4.1). */
export interface ScannedImage {
  readonly product_id: string;
  readonly file: string;
  readonly engine: string;
  readonly device: string;
  readonly model_id: string;
  readonly tiles: number;
  readonly masked_tiles: number;
  readonly masked: MaskCounts;
  readonly mode: ScanMode;
  /** Tiles scored again in fp32, since they could decide on a detection. */
  readonly rescored_tiles: number;
  /** Tiles that were not scored in fp32. */
  readonly approximate_tiles: number;
  readonly seconds: number;
  readonly detections: readonly DetectionRow[];
}

/** An image among several that could not be scanned. */
export interface RefusedImage {
  readonly file: string;
  readonly error: { readonly code: string; readonly message: string };
}

/** Columns of the view `selenoscan.detections`, in its order, and what they hold. */
export const DETECTION_KINDS = {
  id: 'integer',
  product_id: 'text',
  product_version: 'text',
  image_id: 'text',
  observed_at: 'time',
  scanned_at: 'time',
  score: 'real',
  score_raw: 'real',
  scores: 'json',
  rank_in_image: 'integer',
  lon: 'real',
  lat: 'real',
  uncertainty_m: 'real',
  geom: 'geometry',
  line: 'real',
  sample: 'real',
  width_m: 'real',
  height_m: 'real',
  incidence_deg: 'real',
  emission_deg: 'real',
  phase_deg: 'real',
  sun_azimuth_deg: 'real',
  resolution_m: 'real',
  model_id: 'text',
  code_version: 'text',
  source_url: 'text',
  source_checksum: 'text',
  site_id: 'integer',
  site_status: 'text',
  known_object: 'text',
  known_object_distance_m: 'real',
  nearest_feature: 'text',
  review: 'text',
  product_url: 'text',
  chip_url: 'text',
} as const;

export const DETECTION_COLUMNS = Object.keys(DETECTION_KINDS) as (keyof typeof DETECTION_KINDS)[];

export type DetectionRow = Readonly<Record<(typeof DETECTION_COLUMNS)[number], unknown>>;

/** What is known of the image that a detection lies in. */
export interface ImageFacts {
  readonly productId: string;
  readonly imageId: string;
  /** Its index row. */
  readonly product: Product | null;
  readonly resolutionM: number | null;
  readonly url: string | null;
  readonly checksum: string | null;
}

/** A detection under the column names of the view `selenoscan.detections`; what is not known is null. */
export function detectionRow(
  detection: Detection,
  image: ImageFacts,
  modelId: string,
  nearestFeature: (place: LonLat) => Feature | null,
): DetectionRow {
  const { place } = detection;
  const { product, resolutionM } = image;
  const metres = (pixels: number) => (resolutionM === null ? null : pixels * resolutionM);
  // The row of the other data set's product tells place and light, but another version.
  const itself = product?.productId === image.productId ? product : null;
  const near = place === null ? null : nearestFeature(place);
  return {
    id: detection.rankInImage,
    product_id: image.productId,
    product_version: itself?.version ?? null,
    image_id: image.imageId,
    observed_at: product?.startTime.toISOString() ?? null,
    scanned_at: new Date().toISOString(),
    score: detection.score,
    score_raw: detection.scoreRaw,
    scores: detection.scores,
    rank_in_image: detection.rankInImage,
    lon: place?.lon ?? null,
    lat: place?.lat ?? null,
    uncertainty_m: place?.uncertaintyM ?? null,
    geom: place === null ? null : { type: 'Point', coordinates: [place.lon, place.lat] },
    line: detection.peak.line,
    sample: detection.peak.sample,
    width_m: place?.widthM ?? metres(detection.widthPx),
    height_m: place?.heightM ?? metres(detection.heightPx),
    incidence_deg: product?.incidenceDeg ?? null,
    emission_deg: product?.emissionDeg ?? null,
    phase_deg: product?.phaseDeg ?? null,
    sun_azimuth_deg: place?.sunAzimuthDeg ?? null,
    resolution_m: resolutionM,
    model_id: modelId,
    code_version: codeVersion(),
    source_url: image.url,
    source_checksum: image.checksum,
    site_id: null,
    site_status: null,
    known_object: null,
    known_object_distance_m: null,
    nearest_feature: place === null || near === null ? null : relativeTo(near, place),
    review: null,
    product_url: itself === null ? null : `${PRODUCT_PAGES}${itself.dataSetId}/${itself.productId}`,
    chip_url: null,
  };
}

/** The answer for people: one line an image, one a detection. */
export function tableOf(image: ScannedImage): string[] {
  const lines = [
    `${image.file}: ${image.tiles} tiles (${image.masked_tiles} masked) in ${image.seconds.toFixed(1)} s on ${image.engine} ${image.device}`,
    'rank   score     raw   sample     line   place',
  ];
  for (const row of image.detections) {
    const at = (value: unknown, width: number, digits: number) =>
      (value as number).toFixed(digits).padStart(width);
    const place =
      row.geom === null
        ? '-'
        : `${at(row.lon, 0, 5)}, ${at(row.lat, 0, 5)} +-${at(row.uncertainty_m, 0, 0)} m`;
    lines.push(
      `${String(row.rank_in_image).padStart(4)} ${at(row.score, 7, 2)} ${at(row.score_raw, 7, 2)} ${at(row.sample, 8, 1)} ${at(row.line, 8, 1)}   ${place}`,
    );
  }
  return lines;
}
