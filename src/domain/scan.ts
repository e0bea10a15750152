import type { Detection } from './detection.js';
import type { MultiPolygon } from './geometry.js';
import type { ScanProfile } from './scan-profile.js';
import type { ScanOverview } from './overview.js';
import type { MaskCounts } from './tile.js';

/** States of a scan, which is also the work queue (design 4.3). */
export const SCAN_STATES = [
  'queued',
  'claimed',
  'scanned',
  'skipped',
  'invalid',
  'missing',
  'failed',
] as const;
export type ScanState = (typeof SCAN_STATES)[number];
export type Lane = 'live' | 'backfill';

/**
 * How the tiles of an image are scored: all in fp32 (`exact`), each in int8 or bf16 (`full`), or without the
 * autoencoder where it cannot matter (`cascade`); in the latter two, in fp32 as well where the score may decide on a
 * detection.
 */
export const SCAN_MODES = ['exact', 'full', 'cascade'] as const;
export type ScanMode = (typeof SCAN_MODES)[number];

/** What the mode of a scan came to. */
export interface ScanScreening {
  readonly mode: ScanMode;
  /** Tiles in fp32 that the image's statistics are taken from. */
  readonly sampled: number;
  /** Tiles scored again in fp32, since they could decide on a detection. */
  readonly rescored: number;
  /** Tiles that are not scored in fp32: their part in the score map is approximate. */
  readonly approximate: number;
  /** Tiles of a random draw from those, scored in fp32 to see whether the bounds hold; 0 where none were used. */
  readonly checked: number;
  /** Those of the draw beyond the bounds. */
  readonly beyond: number;
  /** Version of the bounds that the scan ended with; 0 = the model folder's. */
  readonly boundsVersion: number;
}

/** Share of the screened tiles whose score lies beyond its bounds, as a scan's draw says; null where none was drawn. */
export function missEstimate({ checked, beyond }: ScanScreening): number | null {
  return checked === 0 ? null : beyond / checked;
}

/**
 * Robust statistics of the default raw score over an image's sampled tiles, which are all of them in images with
 * fewer than 4,000; the highest score is that of its best detection, where there is one.
 */
export interface ScoreStatistics {
  readonly count: number;
  readonly median: number;
  readonly mad: number;
  readonly p99: number;
  readonly max: number;
  /** Raw score from which a tile was a candidate. */
  readonly threshold: number;
}

/** Highest score per cell over the image: "looked and saw nothing" as a measured statement. */
export interface ScoreMap {
  readonly columns: number;
  readonly rows: number;
  /** Pixels per cell. */
  readonly cell: number;
  /** Row-major; NaN where every tile of the cell was masked. */
  readonly values: Float32Array;
}

/** Where a result comes from (design, invariant 6). */
export interface Provenance {
  readonly sourceUrl: string;
  /** `sha256:<hex>` of the bytes that were scanned; `md5:<hex>` as the archive states it, where they were read by ranges. */
  readonly sourceChecksum: string;
  /** Size of the file that was scanned. */
  readonly sourceBytes: number;
  readonly modelId: string;
  /** Version of the calibration that made the scores; 0 = the model folder's. */
  readonly calibrationVersion: number;
  readonly codeVersion: string;
  readonly configHash: string;
  readonly engine: string;
  readonly device: string;
  readonly groundModel: string | null;
}

export interface ScannedOverview extends ScanOverview {
  /** Ground cells that the image reaches into. */
  readonly cells: readonly number[];
}

/** All that one scan of one image gives; committed whole or not at all. */
export interface ScanResult {
  /** Lines times samples. */
  readonly pixels: number;
  readonly tiles: number;
  readonly masked: MaskCounts;
  readonly statistics: ScoreStatistics | null;
  readonly screening: ScanScreening;
  readonly scoreMap: ScoreMap;
  /** What calibrations learn from; null where every tile is masked. */
  readonly profile: ScanProfile | null;
  readonly coverage: MultiPolygon | null;
  /** What compares the image with others of the same ground; null where it has no place on the Moon. */
  readonly overview: ScannedOverview | null;
  readonly detections: readonly Detection[];
  readonly provenance: Provenance;
  readonly seconds: number;
}
