import type { LonLat, MultiPolygon, PixelPoint } from './geometry.js';

/** Named raw scores of a tile: `l2`, `mu_norm`, `vae2024`, `bright`, `tri`, `a`, `b`, … */
export type NamedScores = Record<string, number>;

/** PNG pictures of a detection, each `size` x `size` but for the wider context. */
export interface Chips {
  readonly tile: Buffer;
  readonly reconstruction: Buffer;
  readonly error: Buffer;
  readonly context: Buffer;
}

/** One object found in one image, in pixels: what `detection/` gives before anything is placed. */
export interface PixelDetection {
  readonly rankInImage: number;
  /** -log10 of the calibrated probability that a plain tile scores higher. */
  readonly score: number;
  /** The default score, uncalibrated. */
  readonly scoreRaw: number;
  readonly scores: NamedScores;
  /** Upper-left pixel of the best tile. */
  readonly tileX: number;
  readonly tileY: number;
  /** Tiles merged into this object. */
  readonly tileCount: number;
  readonly peak: PixelPoint;
  /** Closed ring around the object in pixel coordinates. */
  readonly outline: readonly PixelPoint[];
  /** Extent of the object across and along, pixels. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly chips: Chips;
  /** Latent code of the best tile (means of the encoder); absent where the engine does not tell it. */
  readonly latent?: Float32Array;
}

/** A detection on the Moon; `place` is null where an image has no geometry. */
export interface Detection extends PixelDetection {
  /** UUIDv5 of image, model and peak tile: the same in every re-scan. */
  readonly detectionId: string;
  readonly place: Place | null;
}

export interface Place extends LonLat {
  readonly uncertaintyM: number;
  readonly widthM: number;
  readonly heightM: number;
  /** Direction to the Sun, degrees clockwise from north on the ground; null where the Sun's place is unknown. */
  readonly sunAzimuthDeg: number | null;
  readonly outline: MultiPolygon;
}
