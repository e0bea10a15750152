import { meetsBox } from '../archive/choose/meets-box.js';
import { CORNER_NAMES } from '../domain/corners.js';
import type { Product } from '../domain/product.js';
import type { Selection } from '../domain/selection.js';

/** Whether a product lies within a selection. A bound on something that nobody tells is not met. */
export function isSelected(product: Product, selection: Selection): boolean {
  const { from, until, volumes, box, minIncidenceDeg, maxIncidenceDeg, maxResolutionM } = selection;
  if (from !== null && product.startTime < from) return false;
  if (until !== null && product.startTime >= until) return false;
  if (volumes.length > 0 && !volumes.includes(product.volumeId)) return false;
  if (minIncidenceDeg !== null && !(product.incidenceDeg >= minIncidenceDeg)) return false;
  if (maxIncidenceDeg !== null && !(product.incidenceDeg <= maxIncidenceDeg)) return false;
  if (maxResolutionM !== null && !(product.resolutionM <= maxResolutionM)) return false;
  return box === null || lies(product, box);
}

function lies({ corners }: Product, box: NonNullable<Selection['box']>): boolean {
  const { west, south, east, north } = box;
  const placed = CORNER_NAMES.every((name) => Number.isFinite(corners[name].lon + corners[name].lat));
  return placed && meetsBox(corners, [west, south, east, north]);
}
