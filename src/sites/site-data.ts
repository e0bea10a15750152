import type { LonLat } from '../domain/geometry.js';
import type { ScanOverview } from '../domain/overview.js';
import type { AdjustedImage } from './adjust.js';

/** A scanned image as the sites see it: where it lies, its light, and how high it scored where. */
export interface SiteScan extends AdjustedImage, Pick<ScanOverview, 'columns' | 'rows' | 'cell' | 'scores'> {
  readonly scanId: number;
  /** NAC-L and NAC-R of one number are one look. */
  readonly look: string;
  readonly observedAt: Date;
  readonly incidenceDeg: number | null;
  readonly subSolar: LonLat | null;
  /** Ground cells that it reaches into (`footprintCells`). */
  readonly cells: readonly number[];
  /** Ground that was looked at, square kilometres; null where unknown. */
  readonly areaKm2: number | null;
  /** All of its detections. */
  readonly detections: number;
}

/** NAC-L and NAC-R of one number are one look, as `selenoscan.look_of` has it. */
export function lookOf(imageId: string): string {
  return imageId.replace(/^(M\d+)[LR]$/, '$1');
}
