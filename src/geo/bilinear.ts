import type { PixelPoint } from '../domain/geometry.js';
import type { Jacobian } from './jacobian.js';
import type { PlanePoint } from './local-projection.js';

/** Plane corners in the order upper left, upper right, lower right, lower left. */
export type PlaneQuad = readonly [PlanePoint, PlanePoint, PlanePoint, PlanePoint];

/** Bilinear mapping from pixels to the plane. */
export interface Bilinear {
  /** Weights of the four corners at a pixel; outside the corners they extrapolate. */
  weights(point: PixelPoint): [number, number, number, number];
  at(point: PixelPoint): PlanePoint;
  jacobian(point: PixelPoint): Jacobian;
}

/**
 * The corners are the *centres* of the four outer pixels, (0.5, 0.5) to (samples - 0.5, lines - 0.5).
 * @param samples at least 2
 * @param lines at least 2
 */
export function bilinear(quad: PlaneQuad, samples: number, lines: number): Bilinear {
  const fractions = ({ sample, line }: PixelPoint) => ({
    u: (sample - 0.5) / (samples - 1),
    t: (line - 0.5) / (lines - 1),
  });
  const combine = (w: readonly [number, number, number, number]): PlanePoint => ({
    x: w[0] * quad[0].x + w[1] * quad[1].x + w[2] * quad[2].x + w[3] * quad[3].x,
    y: w[0] * quad[0].y + w[1] * quad[1].y + w[2] * quad[2].y + w[3] * quad[3].y,
  });
  const weights = (point: PixelPoint): [number, number, number, number] => {
    const { u, t } = fractions(point);
    return [(1 - u) * (1 - t), u * (1 - t), u * t, (1 - u) * t];
  };
  return {
    weights,
    at: (point) => combine(weights(point)),
    jacobian(point) {
      const { u, t } = fractions(point);
      const [s, l] = [1 / (samples - 1), 1 / (lines - 1)];
      return {
        perSample: combine([-(1 - t) * s, (1 - t) * s, t * s, -t * s]),
        perLine: combine([-(1 - u) * l, -u * l, u * l, (1 - u) * l]),
      };
    },
  };
}
