import type { ImageGeometry } from '../domain/product.js';
import { parseCorners } from '../geo/corners.js';

/** A nominal NAC look is within a few degrees of nadir; where the angle is not given this is assumed. */
const ASSUMED_EMISSION_DEG = 5;

/**
 * Geometry from corners given by hand. The decimals given tell how far they are rounded.
 * @throws UsageError when the text is not four places
 */
export function geometryFromCorners(text: string, image: { width: number; height: number }): ImageGeometry {
  const decimals = (text.match(/\d+(?:\.\d*)?/g) ?? []).map((number) => number.split('.')[1]?.length ?? 0);
  return {
    corners: parseCorners(text),
    lines: image.height,
    samples: image.width,
    subSolar: { lon: NaN, lat: NaN },
    emissionDeg: ASSUMED_EMISSION_DEG,
    incidenceDeg: NaN,
    cornerRoundingDeg: 0.5 * 10 ** -Math.max(0, ...decimals),
  };
}
