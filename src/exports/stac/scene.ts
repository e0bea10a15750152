import type { MultiPolygon } from '../../domain/geometry.js';
import type { ExportLayer } from '../layer.js';

/** One scan, which becomes an item. Angles in degrees at the image's centre; null is unknown. */
export interface StacScene {
  readonly productId: string;
  readonly productVersion: string | null;
  readonly imageId: string;
  readonly startTime: Date;
  readonly stopTime: Date | null;
  readonly scannedAt: Date;
  /** Ground that was looked at. */
  readonly geometry: MultiPolygon | null;
  /** Of the Sun from the zenith. */
  readonly incidenceDeg: number | null;
  /** Of the camera from the zenith. */
  readonly emissionDeg: number | null;
  readonly phaseDeg: number | null;
  /** Of the ground from the spacecraft's nadir. */
  readonly offNadirDeg: number | null;
  /** Clockwise from north. */
  readonly sunAzimuthDeg: number | null;
  readonly resolutionM: number | null;
  readonly lines: number | null;
  readonly samples: number | null;
  readonly orbit: number | null;
  readonly frame: string | null;
  readonly dataSetId: string | null;
  readonly volumeId: string | null;
  readonly productUrl: string | null;
  readonly sourceUrl: string | null;
  /** `sha256:<hex>` or `md5:<hex>`. */
  readonly sourceChecksum: string | null;
  readonly sourceBytes: number | null;
  readonly modelId: string;
  readonly codeVersion: string;
  readonly configHash: string | null;
  readonly engine: string | null;
  readonly device: string | null;
  readonly groundModel: string | null;
  readonly tiles: number | null;
  readonly tilesScored: number | null;
  readonly detections: ExportLayer;
  /** PNG of the best detection; null where none is wanted or kept. */
  readonly thumbnail: Uint8Array | null;
}
