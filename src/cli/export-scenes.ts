import { MOON_RADIUS_M } from '../domain/geometry.js';
import type { ExportLayer, GeometryForm } from '../exports/layer.js';
import type { StacScene } from '../exports/stac/scene.js';
import { DEGREE, sunAzimuthDeg } from '../geo/sphere.js';
import type { Queryable } from '../store/database.js';
import type { ExportReader } from '../store/export-reader.js';
import { readPicture } from '../store/queries/read-picture.js';
import type { ScanRow } from '../store/queries/scan-rows.js';
import { rowOf } from './export-layers.js';
import { PRODUCT_PAGES } from './scan-report.js';

/**
 * The selected scans as items of a catalogue; of one at a time the detections are held.
 *
 * @param detections the layer that each item has its share of
 */
export async function* exportScenes(
  db: Queryable,
  reader: ExportReader,
  detections: ExportLayer,
  options: { readonly thumbnails: boolean },
): AsyncGenerator<StacScene> {
  for await (const batch of reader.scans())
    for (const row of batch) {
      const found = await reader.detectionsOf(row.image_id, 'geojson');
      const best = found[0]?.['id'];
      const share: ExportLayer = {
        ...detections,
        count: found.length,
        async *rows(form: GeometryForm) {
          if (form !== 'geojson') throw new Error('The detections of an item are read as GeoJSON.');
          const names = detections.columns.map(({ name }) => name);
          yield await Promise.resolve(found.map((each) => rowOf(each, names)));
        },
      };
      const thumbnail =
        options.thumbnails && typeof best === 'number' ? await readPicture(db, best, 'tile') : null;
      yield sceneOf(row, share, thumbnail);
    }
}

function sceneOf(row: ScanRow, detections: ExportLayer, thumbnail: Uint8Array | null): StacScene {
  return {
    productId: row.product_id,
    productVersion: row.product_version,
    imageId: row.image_id,
    startTime: row.observed_at,
    stopTime: row.stop_time,
    scannedAt: row.scanned_at,
    geometry: row.geometry,
    incidenceDeg: row.incidence_deg,
    emissionDeg: row.emission_deg,
    phaseDeg: row.phase_deg,
    offNadirDeg: offNadir(row.emission_deg, row.spacecraft_altitude_km),
    sunAzimuthDeg: sunAzimuth(row),
    resolutionM: row.resolution_m,
    lines: row.lines,
    samples: row.samples,
    orbit: row.orbit,
    frame: row.frame,
    dataSetId: row.data_set_id,
    volumeId: row.volume_id,
    productUrl: row.data_set_id === null ? null : `${PRODUCT_PAGES}${row.data_set_id}/${row.product_id}`,
    sourceUrl: row.source_url,
    sourceChecksum: row.source_checksum,
    sourceBytes: row.source_bytes,
    modelId: row.model_id,
    codeVersion: row.code_version,
    configHash: row.config_hash,
    engine: row.engine,
    device: row.device,
    groundModel: row.ground_model,
    tiles: row.tiles,
    tilesScored: row.tiles_scored,
    detections,
    thumbnail,
  };
}

/** The ray from the spacecraft meets the sphere under the emission angle: the law of sines. */
function offNadir(emissionDeg: number | null, altitudeKm: number | null): number | null {
  if (emissionDeg === null || altitudeKm === null || !(altitudeKm > 0)) return null;
  const ratio = MOON_RADIUS_M / (MOON_RADIUS_M + altitudeKm * 1000);
  return Math.asin(ratio * Math.sin(emissionDeg * DEGREE)) / DEGREE;
}

function sunAzimuth(row: ScanRow): number | null {
  const { center_lon: lon, center_lat: lat, sub_solar_lon: sunLon, sub_solar_lat: sunLat } = row;
  if (lon === null || lat === null || sunLon === null || sunLat === null) return null;
  return sunAzimuthDeg({ lon, lat }, { lon: sunLon, lat: sunLat });
}
