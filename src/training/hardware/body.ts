import type { PixelVector } from '../../domain/geometry.js';

/** A piece of a body, seen from above: a turned box or ellipse. Lengths in pixels. */
export interface Piece {
  /** Offset of its middle from the body's. */
  readonly dx: number;
  readonly dy: number;
  readonly halfLength: number;
  readonly halfWidth: number;
  /** Radians. */
  readonly turn: number;
  readonly shape: 'box' | 'ellipse' | 'dome';
  /** Above the ground. */
  readonly height: number;
  /** Grey level of its sunlit top. */
  readonly level: number;
}

export interface BodyImage {
  /** Pixels from the patch's origin to the first of the square. */
  readonly left: number;
  readonly top: number;
  readonly side: number;
  /** Share of each pixel that is lit body, the sum of its grey levels, and the share in shadow. */
  readonly lit: Float32Array;
  readonly light: Float32Array;
  readonly dark: Float32Array;
}

/** Points a pixel side. */
const FINE = 3;
/** How much brighter than its middle is the edge of a body that faces the Sun. */
const SUNWARD = 0.35;

/**
 * Pieces and the shadow that they throw, on each other too, over level ground.
 * @param at middle of the body in the patch @param away unit vector @param tan of the incidence: length of a
 *   shadow over height
 */
export function imageBody(
  pieces: readonly Piece[],
  at: PixelVector,
  away: PixelVector,
  tan: number,
): BodyImage {
  const radius = Math.max(
    ...pieces.map((p) => Math.hypot(p.dx, p.dy) + Math.hypot(p.halfLength, p.halfWidth)),
  );
  const shadow = tan * Math.max(...pieces.map((p) => p.height));
  const reach = Math.ceil(radius + shadow) + 4;
  const side = 2 * reach + 1;
  const left = Math.round(at.x) - reach;
  const top = Math.round(at.y) - reach;
  const n = side * FINE;
  const heights = new Float32Array(n * n);
  const levels = new Float32Array(n * n);
  const cx = (at.x + 0.5 - left) * FINE;
  const cy = (at.y + 0.5 - top) * FINE;
  for (const piece of pieces) raise(piece, heights, levels, n, cx, cy);
  const rays = castRays(heights, n, away, tan);
  const image: BodyImage = {
    left,
    top,
    side,
    lit: new Float32Array(side * side),
    light: new Float32Array(side * side),
    dark: new Float32Array(side * side),
  };
  const share = 1 / FINE ** 2;
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const i = y * n + x;
      const height = heights[i]!;
      const pixel = Math.floor(y / FINE) * side + Math.floor(x / FINE);
      if (rays[i]! > height + 0.05) image.dark[pixel]! += share;
      else if (height > 0) {
        const sunward = -((x + 0.5 - cx) * away.x + (y + 0.5 - cy) * away.y) / (FINE * radius);
        image.lit[pixel]! += share;
        image.light[pixel]! += share * levels[i]! * (1 + SUNWARD * sunward);
      }
    }
  }
  return image;
}

function raise(
  piece: Piece,
  heights: Float32Array,
  levels: Float32Array,
  n: number,
  cx: number,
  cy: number,
): void {
  const cos = Math.cos(piece.turn);
  const sin = Math.sin(piece.turn);
  const reach = Math.hypot(piece.halfLength, piece.halfWidth);
  const from = (c: number, offset: number): number => Math.max(0, Math.floor(c + FINE * (offset - reach)));
  const to = (c: number, offset: number): number => Math.min(n - 1, Math.ceil(c + FINE * (offset + reach)));
  for (let y = from(cy, piece.dy); y <= to(cy, piece.dy); y++) {
    for (let x = from(cx, piece.dx); x <= to(cx, piece.dx); x++) {
      const dx = (x + 0.5 - cx) / FINE - piece.dx;
      const dy = (y + 0.5 - cy) / FINE - piece.dy;
      const u = Math.abs(cos * dx + sin * dy) / piece.halfLength;
      const v = Math.abs(cos * dy - sin * dx) / piece.halfWidth;
      const outside = piece.shape === 'box' ? Math.max(u, v) : Math.hypot(u, v);
      if (outside > 1) continue;
      const height = piece.height * (piece.shape === 'dome' ? Math.sqrt(1 - outside * outside) : 1);
      const i = y * n + x;
      if (height < heights[i]!) continue;
      heights[i] = height;
      levels[i] = piece.level;
    }
  }
}

/** Height of the shadow over each point: what lies lower is dark. */
function castRays(heights: Float32Array, n: number, away: PixelVector, tan: number): Float32Array {
  const rays = new Float32Array(n * n);
  // Points are a third of a pixel apart: a step of one leaves no gap that is seen.
  const step = 1;
  const drop = step / (FINE * Math.max(tan, 1e-3));
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const height = heights[y * n + x]!;
      for (let k = 1, ray = height - drop; ray > 0; k++, ray -= drop) {
        const px = Math.round(x + k * step * away.x);
        const py = Math.round(y + k * step * away.y);
        if (px < 0 || py < 0 || px >= n || py >= n) break;
        const i = py * n + px;
        if (ray > rays[i]!) rays[i] = ray;
      }
    }
  }
  return rays;
}
