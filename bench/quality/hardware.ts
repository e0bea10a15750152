import type { PixelVector } from '../../src/domain/geometry.js';

/** Points a pixel side that a body is drawn with. */
const SUPERSAMPLING = 4;
/** Blur of the camera, px. */
const PSF_SIGMA = 0.7;

export interface Lander {
  /** Its centre, pixels. */
  readonly x: number;
  readonly y: number;
  /** Side of the body, px. */
  readonly sizePx: number;
  /** Length of its shadow, px. */
  readonly shadowPx: number;
  /** Lit face as a multiple of the terrain's level. */
  readonly brightness: number;
  /** Turn of the body on the ground, radians. */
  readonly turn: number;
}

/** Draws a lit body and its shadow into 8-bit terrain; the picture is changed in place. */
export function placeLander(
  data: Uint8Array,
  width: number,
  lander: Lander,
  away: PixelVector,
  random: () => number,
): void {
  const reach = Math.ceil(lander.sizePx + lander.shadowPx) + 4;
  const side = 2 * reach + 1;
  const left = Math.round(lander.x) - reach;
  const top = Math.round(lander.y) - reach;
  const body = new Float32Array(side * side);
  const dark = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      for (let s = 0; s < SUPERSAMPLING ** 2; s++) {
        const dx = left + x + ((s % SUPERSAMPLING) + 0.5) / SUPERSAMPLING - lander.x;
        const dy = top + y + (Math.floor(s / SUPERSAMPLING) + 0.5) / SUPERSAMPLING - lander.y;
        const part = 1 / SUPERSAMPLING ** 2;
        if (inBody(dx, dy, lander)) body[y * side + x]! += part;
        else if (inShadow(dx, dy, lander, away)) dark[y * side + x]! += part;
      }
    }
  }
  const bodyShare = blur(body, side);
  const darkShare = blur(dark, side);
  const level = localLevel(data, width, lander);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const b = bodyShare[y * side + x]!;
      const d = darkShare[y * side + x]!;
      if (b + d < 1e-3) continue;
      const at = (top + y) * width + left + x;
      const noise = (random() + random() - 1) * 4;
      const value =
        data[at]! * (1 - b - d) + b * lander.brightness * level + d * 0.12 * level + noise * (b + d);
      data[at] = Math.min(Math.max(Math.round(value), 0), 255);
    }
  }
}

function inBody(dx: number, dy: number, l: Lander): boolean {
  const cos = Math.cos(l.turn);
  const sin = Math.sin(l.turn);
  const u = Math.abs(cos * dx + sin * dy);
  const v = Math.abs(cos * dy - sin * dx);
  const half = l.sizePx / 2;
  return Math.max(u, v) <= half && u + v <= 1.5 * half;
}

function inShadow(dx: number, dy: number, l: Lander, away: PixelVector): boolean {
  const along = dx * away.x + dy * away.y;
  const across = Math.abs(dx * away.y - dy * away.x);
  const end = l.sizePx / 2 + l.shadowPx;
  return along > 0 && along <= end && across <= (l.sizePx / 2) * (1 - (0.5 * along) / end);
}

function localLevel(data: Uint8Array, width: number, { x, y }: Lander): number {
  let sum = 0;
  let count = 0;
  for (let dy = -10; dy <= 10; dy++) {
    for (let dx = -10; dx <= 10; dx++, count++)
      sum += data[(Math.round(y) + dy) * width + Math.round(x) + dx]!;
  }
  return sum / count;
}

function blur(plane: Float32Array, side: number): Float32Array {
  const kernel = [-2, -1, 0, 1, 2].map((k) => Math.exp((-0.5 * k * k) / PSF_SIGMA ** 2));
  const total = kernel.reduce((a, b) => a + b);
  const pass = (source: Float32Array, step: number): Float32Array =>
    source.map((_, i) =>
      kernel.reduce((sum, w, k) => sum + (w / total) * (source[i + (k - 2) * step] ?? 0), 0),
    );
  return pass(pass(plane, 1), side);
}
