import type { ImageGeometry, Product } from '../domain/product.js';

/** INDEX.TAB gives corners to 0.01 deg, so each may be off by half of it. */
export const INDEX_ROUNDING_DEG = 0.005;

/** What an index row says of an image's place and light. */
export function geometryOf(product: Product): ImageGeometry {
  return {
    corners: product.corners,
    lines: product.lines,
    samples: product.samples,
    subSolar: product.subSolar,
    emissionDeg: product.emissionDeg,
    incidenceDeg: product.incidenceDeg,
    cornerRoundingDeg: INDEX_ROUNDING_DEG,
  };
}

/** Angle of the Sun from the zenith at the image's centre, degrees; null where the archive gives none. */
export function knownIncidence(product: Pick<Product, 'incidenceDeg'> | null): number | null {
  return product === null || Number.isNaN(product.incidenceDeg) ? null : product.incidenceDeg;
}
