import type { PixelVector } from '../../domain/geometry.js';
import type { Random } from '../../domain/random.js';
import { octantShare, turnInto } from '../../domain/turn.js';
import { TILE_SIZE } from '../../model/architecture.js';

/** Plain terrain to draw into: an 8-bit grey image and the direction away from the Sun in it. */
export interface Terrain {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  /** Unit vector. */
  readonly away: PixelVector;
  /** Grey levels that 1 % and 99 % of the image lie below. */
  readonly low: number;
  readonly high: number;
}

/** A square of terrain, turned so that the direction away from the Sun lies in the first octant. */
export interface Patch {
  /** Pixels along its side. */
  readonly side: number;
  /** [side, side] grey levels, not rounded. */
  readonly pixels: Float32Array;
  /** Unit vector away from the Sun in the patch. */
  readonly away: PixelVector;
  readonly terrain: Terrain;
}

/** Share of patches that are turned to any angle and scaled, which interpolates; the others keep their pixels. */
const FREELY_TURNED = 0.5;
const SCALES = { least: 0.75, most: 1.3 };

/**
 * Cuts a square at random, at random angle and scale, brightness and contrast.
 * @param side of the square, pixels
 */
export function cutPatch(terrain: Terrain, random: Random, side = TILE_SIZE): Patch {
  const free = random.uniform() < FREELY_TURNED;
  const canonical = turnInto(terrain.away);
  const angle = free ? (Math.PI / 4) * random.uniform() : (canonical.angleDeg * Math.PI) / 180;
  const away = { x: Math.cos(angle), y: Math.sin(angle) };
  const scale = free ? SCALES.least * (SCALES.most / SCALES.least) ** random.uniform() : 1;
  // A turn of the octant keeps or mirrors; a free one may do either.
  const mirror = free ? (random.uniform() < 0.5 ? -1 : 1) : handedness(terrain.away, away);
  const pixels = sample(terrain, away, scale, mirror, random, free, side);
  adjust(pixels, random);
  return { side, pixels, away, terrain };
}

/** Where a patch's Sun lies in the octant, -1..1. */
export function octantOf(patch: Patch): number {
  return octantShare((Math.atan2(patch.away.y, patch.away.x) * 180) / Math.PI);
}

/** Whether the turn of the octant mirrors, -1, or only turns, 1. */
function handedness(direction: PixelVector, turned: PixelVector): 1 | -1 {
  const { turn } = turnInto(direction);
  const mirrors = [turn.mirrorX, turn.mirrorY, turn.transpose].filter(Boolean).length;
  return mirrors % 2 === 0 || turned.x < 0 ? 1 : -1;
}

function sample(
  terrain: Terrain,
  away: PixelVector,
  scale: number,
  mirror: 1 | -1,
  random: Random,
  interpolate: boolean,
  side: number,
): Float32Array {
  const { width, height, data } = terrain;
  const d = terrain.away;
  // Takes a step in the patch to a step in the image: along the light to along the light, across to across.
  const xx = scale * (away.x * d.x + mirror * away.y * d.y);
  const xy = scale * (away.y * d.x - mirror * away.x * d.y);
  const yx = scale * (away.x * d.y - mirror * away.y * d.x);
  const yy = scale * (away.y * d.y + mirror * away.x * d.x);
  const half = (side - 1) / 2;
  const reachX = half * (Math.abs(xx) + Math.abs(xy)) + 2;
  const reachY = half * (Math.abs(yx) + Math.abs(yy)) + 2;
  let cx = reachX + random.uniform() * Math.max(0, width - 1 - 2 * reachX);
  let cy = reachY + random.uniform() * Math.max(0, height - 1 - 2 * reachY);
  if (!interpolate) {
    cx = Math.floor(cx) + 0.5;
    cy = Math.floor(cy) + 0.5;
  }
  const pixels = new Float32Array(side * side);
  let at = 0;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const dx = column - half;
      const dy = row - half;
      const x = cx + xx * dx + xy * dy;
      const y = cy + yx * dx + yy * dy;
      pixels[at++] = interpolate
        ? cubic(data, width, height, x, y)
        : data[clamp(Math.round(y), height) * width + clamp(Math.round(x), width)]!;
    }
  }
  return pixels;
}

/** Catmull-Rom: keeps the sharpness that a bilinear mean would lose. */
function cubic(data: Uint8Array, width: number, height: number, x: number, y: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const wx = weights(x - left);
  const wy = weights(y - top);
  let sum = 0;
  for (let j = 0; j < 4; j++) {
    const line = clamp(top + j - 1, height) * width;
    let row = 0;
    for (let i = 0; i < 4; i++) row += wx[i]! * data[line + clamp(left + i - 1, width)]!;
    sum += wy[j]! * row;
  }
  return Math.min(Math.max(sum, 0), 255);
}

function weights(t: number): [number, number, number, number] {
  const t2 = t * t;
  const t3 = t2 * t;
  return [(-t3 + 2 * t2 - t) / 2, (3 * t3 - 5 * t2 + 2) / 2, (-3 * t3 + 4 * t2 + t) / 2, (t3 - t2) / 2];
}

const clamp = (value: number, size: number): number => Math.min(Math.max(value, 0), size - 1);

/** Other exposures and stretches of the same ground. */
function adjust(pixels: Float32Array, random: Random): void {
  if (random.uniform() < 0.4) return;
  const gain = Math.exp(0.5 * (random.uniform() - 0.5));
  const contrast = Math.exp(0.9 * (random.uniform() - 0.6));
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  for (let i = 0; i < pixels.length; i++)
    pixels[i] = Math.min(Math.max(gain * (mean + contrast * (pixels[i]! - mean)), 0), 255);
}
