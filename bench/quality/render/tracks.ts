import type { Random } from '../../../src/domain/random.js';
import { blurred } from './light.js';
import { between, logBetween } from './objects.js';
import type { Rendering } from './light.js';

/** Points of a wheel track a pixel of its length. */
const STEPS = 4;
/** Strips across a pixel side that the wheels' width is drawn with. */
const FINE = 5;

export interface Tracks {
  readonly lengthPx: number;
  /** Of the lines as the camera sees them: -0.15 to 0.15 of the ground's light. */
  readonly contrast: number;
  readonly rendering: Rendering;
}

/**
 * A rover's two wheel tracks: parallel lines that wander, 1 to 2 px wide together, which turn the ground a few
 * percent darker or brighter and leave its texture.
 *
 * @param middle of the track's length
 */
export function tracks(
  middle: { readonly x: number; readonly y: number },
  image: { readonly width: number; readonly height: number },
  random: Random,
): Tracks {
  const lengthPx = logBetween(40, 250, random);
  const contrast = between(0.03, 0.15, random) * (random.uniform() < 0.6 ? -1 : 1);
  const gauge = between(0.7, 1.4, random);
  const wheel = between(0.3, 0.6, random);
  const heading = random.uniform() * 2 * Math.PI;
  const path = [
    ...wander(middle, heading + Math.PI, lengthPx / 2, random).reverse(),
    ...wander(middle, heading, lengthPx / 2, random),
  ].map((p, i, all) => ({ ...p, heading: i < all.length / 2 ? p.heading + Math.PI : p.heading }));
  const margin = 4;
  const left = Math.max(0, Math.floor(Math.min(...path.map(({ x }) => x))) - margin);
  const top = Math.max(0, Math.floor(Math.min(...path.map(({ y }) => y))) - margin);
  const width = Math.min(image.width, Math.ceil(Math.max(...path.map(({ x }) => x))) + margin) - left;
  const height = Math.min(image.height, Math.ceil(Math.max(...path.map(({ y }) => y))) + margin) - top;
  const fine = new Uint8Array(width * FINE * height * FINE);
  for (const p of path) {
    for (const side of [-1, 1]) {
      for (let k = -2; k <= 2; k++) {
        const off = (side * gauge) / 2 + (k / 4) * wheel;
        const x = Math.floor((p.x - Math.sin(p.heading) * off - left) * FINE);
        const y = Math.floor((p.y + Math.cos(p.heading) * off - top) * FINE);
        if (x >= 0 && y >= 0 && x < width * FINE && y < height * FINE) fine[y * width * FINE + x] = 1;
      }
    }
  }
  const covered = new Float32Array(width * height);
  for (let i = 0; i < fine.length; i++) {
    if (fine[i] === 0) continue;
    const x = Math.floor((i % (width * FINE)) / FINE);
    const y = Math.floor(i / (width * FINE * FINE));
    covered[y * width + x]! += 1 / FINE ** 2;
  }
  const seen = blurred(covered, width, height, 0);
  const strongest = seen.reduce((a, b) => Math.max(a, b), 0);
  const ground = seen.map((share) => 1 + (contrast * share) / strongest);
  return {
    lengthPx,
    contrast,
    rendering: { left, top, width, height, ground, body: new Float32Array(width * height) },
  };
}

/** A path whose curvature changes slowly, from a point on. */
function wander(
  from: { readonly x: number; readonly y: number },
  direction: number,
  length: number,
  random: Random,
): { x: number; y: number; heading: number }[] {
  let { x, y } = from;
  let heading = direction;
  let curvature = 0;
  return Array.from({ length: Math.round(length * STEPS) }, () => {
    curvature = 0.99 * curvature + 0.0012 * random.normal();
    heading += curvature / STEPS;
    x += Math.cos(heading) / STEPS;
    y += Math.sin(heading) / STEPS;
    return { x, y, heading };
  });
}
