import type { Detection } from '../domain/detection.js';
import type { MaskCounts } from '../domain/tile.js';
import { codeVersion } from './version.js';

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
  readonly seconds: number;
  readonly detections: readonly Record<string, unknown>[];
}

/** An image among several that could not be scanned. */
export interface RefusedImage {
  readonly file: string;
  readonly error: { readonly code: string; readonly message: string };
}

/** A detection under the column names of the view `selenoscan.detections`; what a bare file lacks is null. */
export function detectionRow(
  detection: Detection,
  image: { readonly productId: string; readonly imageId: string },
  modelId: string,
): Record<string, unknown> {
  const { place } = detection;
  return {
    id: detection.rankInImage,
    product_id: image.productId,
    product_version: null,
    image_id: image.imageId,
    observed_at: null,
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
    width_m: place?.widthM ?? null,
    height_m: place?.heightM ?? null,
    incidence_deg: null,
    emission_deg: null,
    phase_deg: null,
    sun_azimuth_deg: place?.sunAzimuthDeg ?? null,
    resolution_m: null,
    model_id: modelId,
    code_version: codeVersion(),
    source_url: null,
    source_checksum: null,
    site_id: null,
    site_status: null,
    known_object: null,
    known_object_distance_m: null,
    nearest_feature: null,
    review: null,
    product_url: null,
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
      row['geom'] === null
        ? '-'
        : `${at(row['lon'], 0, 5)}, ${at(row['lat'], 0, 5)} +-${at(row['uncertainty_m'], 0, 0)} m`;
    lines.push(
      `${String(row['rank_in_image']).padStart(4)} ${at(row['score'], 7, 2)} ${at(row['score_raw'], 7, 2)} ${at(row['sample'], 8, 1)} ${at(row['line'], 8, 1)}   ${place}`,
    );
  }
  return lines;
}
