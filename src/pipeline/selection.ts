import { footprintMeets } from '../archive/choose/meets-box.js';
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
  if (box === null) return true;
  return footprintMeets(product.corners, [box.west, box.south, box.east, box.north]) === true;
}
