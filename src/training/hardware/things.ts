import type { PixelVector } from '../../domain/geometry.js';
import type { Random } from '../../domain/random.js';
import type { Piece } from './body.js';
import { drawBody, drawLine, type View } from './draw.js';
import type { Patch } from './terrain-patch.js';

/** What is drawn for the learned scorer to find, and what it must learn to pass over. */
export type Hardware = 'lander' | 'rover' | 'debris' | 'tracks';
export type Natural = 'boulder' | 'crater' | 'glint' | 'mound';

/** Radius that a body's surroundings are measured over, pixels. */
const AROUND = 9;
/** Longest shadow, pixels. */
const LONGEST_SHADOW = 24;
/** Terrain darker than this shows nothing of a body but its outline. */
const LEAST_LEVEL = 14;

export const between = (random: Random, low: number, high: number): number =>
  low + (high - low) * random.uniform();
/** Evenly in the logarithm. */
const logBetween = (random: Random, low: number, high: number): number =>
  low * (high / low) ** random.uniform();

/** A place in the middle part of the patch, on lit ground where there is any. */
export function findPlace(patch: Patch, border: number, random: Random): PixelVector {
  let place = { x: 0, y: 0 };
  for (let attempt = 0; attempt < 8; attempt++) {
    place = {
      x: between(random, border, patch.side - 1 - border),
      y: between(random, border, patch.side - 1 - border),
    };
    if (levelAround(patch, place) > LEAST_LEVEL) break;
  }
  return place;
}

/**
 * Draws a thing made by people. @returns the cells' pixels that hold it: its middle, or all points of tracks.
 * @param at its middle
 */
export function drawHardware(kind: Hardware, patch: Patch, at: PixelVector, random: Random): PixelVector[] {
  if (kind === 'tracks') return drawTracks(patch, at, random);
  const level = levelAround(patch, at);
  const view = viewOf(patch, level, random);
  if (kind === 'lander') {
    const size = logBetween(random, 3, 16);
    const height = Math.min(size * between(random, 0.35, 1.1), LONGEST_SHADOW / view.tan);
    const bright = brightness(patch, level, between(random, 1.25, 3.2), random);
    drawBody(patch.pixels, landerPieces(size, height, bright, random), at, view, random);
  } else if (kind === 'rover') {
    const size = between(random, 1.2, 3.2);
    const height = Math.min(size * between(random, 0.5, 1.2), 8 / view.tan);
    const bright = brightness(patch, level, between(random, 1.4, 3.2), random);
    drawBody(patch.pixels, [piece(random, 0, 0, size / 2, height, bright)], at, view, random);
  } else {
    const spread = between(random, 2, 9);
    const pieces = Array.from({ length: 3 + random.integer(6) }, () => {
      const angle = 2 * Math.PI * random.uniform();
      const away = spread * Math.sqrt(random.uniform());
      const bright = brightness(patch, level, between(random, 1.3, 3.2), random);
      const half = between(random, 0.3, 0.9);
      return piece(
        random,
        away * Math.cos(angle),
        away * Math.sin(angle),
        half,
        between(random, 0.05, 0.6),
        bright,
      );
    });
    drawBody(patch.pixels, pieces, at, view, random);
  }
  return [at];
}

/** Draws what the Moon makes itself and what looks like hardware at first sight. */
export function drawNatural(kind: Natural, patch: Patch, at: PixelVector, random: Random): void {
  const level = levelAround(patch, at);
  const view = viewOf(patch, level, random);
  if (kind === 'boulder') {
    const count = random.uniform() < 0.4 ? 1 + random.integer(5) : 1;
    for (let n = 0; n < count; n++) {
      const half = logBetween(random, 0.6, 3);
      const bright = level * between(random, 0.85, 1.45);
      const dome: Piece = {
        ...piece(random, 0, 0, half, Math.min(half * between(random, 0.7, 1.4), 8 / view.tan), bright),
        shape: 'dome',
      };
      const off = { x: at.x + n * 5 * random.normal(), y: at.y + n * 5 * random.normal() };
      drawBody(patch.pixels, [dome], off, view, random);
    }
  } else if (kind === 'crater') drawRelief(patch, at, between(random, 1.5, 8), between(random, 0.2, 0.9));
  else if (kind === 'mound') drawRelief(patch, at, between(random, 2, 9), -between(random, 0.05, 0.35));
  else {
    // Hits of cosmic rays and lost samples: sharper than the camera sees.
    const value = random.uniform() < 0.5 ? 255 : 0;
    const x = Math.round(at.x);
    const y = Math.round(at.y);
    const length = 1 + random.integer(3);
    for (let k = 0; k < length; k++) if (x + k < patch.side) patch.pixels[y * patch.side + x + k] = value;
  }
}

/** A bowl (depth above 0) or a rise: the slope along the light, of a Gaussian of `radius` pixels. */
function drawRelief(patch: Patch, at: PixelVector, radius: number, depth: number): void {
  const reach = Math.ceil(3.2 * radius);
  for (let y = Math.max(0, Math.floor(at.y) - reach); y < Math.min(patch.side, at.y + reach); y++) {
    for (let x = Math.max(0, Math.floor(at.x) - reach); x < Math.min(patch.side, at.x + reach); x++) {
      const dx = (x - at.x) / radius;
      const dy = (y - at.y) / radius;
      const along = dx * patch.away.x + dy * patch.away.y;
      const slope = along * Math.exp(0.5 - 0.5 * (dx * dx + dy * dy));
      const i = y * patch.side + x;
      patch.pixels[i] = patch.pixels[i]! * Math.max(0.03, 1 + depth * slope);
    }
  }
}

function drawTracks(patch: Patch, at: PixelVector, random: Random): PixelVector[] {
  const change = (random.uniform() < 0.7 ? -1 : 1) * between(random, 0.04, 0.3);
  const width = between(random, 0.4, 1);
  const gauge = random.uniform() < 0.7 ? between(random, 1.5, 5) : 0;
  const length = between(random, 20, 110);
  const points: PixelVector[] = [];
  const start = 2 * Math.PI * random.uniform();
  const bend = 0.03 * random.normal();
  const wobble = 0.02;
  for (const sense of [1, -1]) {
    let heading = start + (sense < 0 ? Math.PI : 0);
    let { x, y } = at;
    for (let s = 0; s < length / 2; s += 0.5) {
      heading += 0.5 * sense * bend + wobble * random.normal();
      x += 0.5 * Math.cos(heading);
      y += 0.5 * Math.sin(heading);
      points.push({ x, y });
    }
  }
  const normal = { x: -Math.sin(start), y: Math.cos(start) };
  const sides = gauge > 0 ? [-gauge / 2, gauge / 2] : [0];
  for (const side of sides) {
    const line = points.map(({ x, y }) => ({ x: x + side * normal.x, y: y + side * normal.y }));
    drawLine(patch.pixels, line, width, change);
  }
  return points.filter(({ x, y }) => x >= 0 && y >= 0 && x < patch.side && y < patch.side);
}

/** A main body with decks, legs and panels that break its outline. */
function landerPieces(size: number, height: number, bright: number, random: Random): Piece[] {
  const turn = Math.PI * random.uniform();
  const main = { ...piece(random, 0, 0, size * between(random, 0.3, 0.5), height, bright), turn };
  const pieces = [main];
  for (let n = random.integer(5); n > 0; n--) {
    const angle = 2 * Math.PI * random.uniform();
    const half = size * between(random, 0.08, 0.25);
    const away = Math.max(0, size / 2 - half) * between(random, 0.4, 1.3);
    const part = piece(
      random,
      away * Math.cos(angle),
      away * Math.sin(angle),
      half,
      height * between(random, 0.2, 1.1),
      bright * between(random, 0.45, 1.2),
    );
    pieces.push({ ...part, turn: turn + between(random, -0.5, 0.5) });
  }
  return pieces;
}

function piece(random: Random, dx: number, dy: number, half: number, height: number, level: number): Piece {
  return {
    dx,
    dy,
    halfLength: half,
    halfWidth: half * between(random, 0.55, 1),
    turn: Math.PI * random.uniform(),
    shape: random.uniform() < 0.35 ? 'ellipse' : 'box',
    height,
    level,
  };
}

/** Grey level of a lit face: so many times its surroundings', but hardly beyond what the image holds. */
function brightness(patch: Patch, level: number, times: number, random: Random): number {
  const most = Math.max(patch.terrain.high * between(random, 0.85, 1.35), 1.2 * level);
  return Math.min(level * times, most, 255);
}

function viewOf(patch: Patch, level: number, random: Random): View {
  const jitter = 0.14 * random.normal();
  const cos = Math.cos(jitter);
  const sin = Math.sin(jitter);
  const { x, y } = patch.away;
  const shade = Math.min(level * between(random, 0.03, 0.4), level);
  return {
    away: { x: cos * x - sin * y, y: sin * x + cos * y },
    tan: Math.tan((between(random, 25, 78) * Math.PI) / 180),
    shade: random.uniform() < 0.5 ? shade : Math.min(level * 0.7, Math.max(shade, patch.terrain.low)),
    blur: between(random, 0.45, 0.95),
    noise: between(random, 1, 5),
  };
}

function levelAround({ pixels, side }: Patch, { x, y }: PixelVector): number {
  let sum = 0;
  let count = 0;
  for (let py = Math.max(0, Math.round(y) - AROUND); py <= Math.min(side - 1, y + AROUND); py++) {
    for (let px = Math.max(0, Math.round(x) - AROUND); px <= Math.min(side - 1, x + AROUND); px++) {
      sum += pixels[py * side + px]!;
      count++;
    }
  }
  return sum / count;
}
