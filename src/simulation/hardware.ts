import type { Lattice } from './lattice.js';
import type { Light } from './light.js';

/** One piece of a body, seen from above: a box or an ellipsoid's outline. Lengths in mean pixels. */
export interface Part {
  /** Offset from the body's centre on the ground. */
  readonly dx: number;
  readonly dy: number;
  readonly halfLength: number;
  readonly halfWidth: number;
  readonly axisX: number;
  readonly axisY: number;
  readonly round: boolean;
  readonly height: number;
  /** Radiance relative to sunlit level ground. */
  readonly radiance: number;
}

/** A thing made by people that stands on the ground. Position in pixels. */
export interface Body {
  readonly x: number;
  readonly y: number;
  /** All parts lie within this distance of the centre, mean pixels. */
  readonly radius: number;
  readonly parts: readonly Part[];
}

/** A change of the ground's brightness: a line of pixel positions, and a profile across it. */
export interface Mark {
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** Standard deviation of the Gaussian profile across the line, mean pixels. */
  readonly width: number;
  /** Relative change of the albedo on the line. */
  readonly change: number;
}

/** Samples per pixel side for the share of a pixel that a body covers. */
const SUBSAMPLES = 4;
/** How much brighter than its middle is the edge of a body that faces the Sun. */
const SUNWARD = 0.3;

/** Raises the heights, at pixel corners, by a body, so that it casts its shadow. */
export function raiseBody(heights: Lattice, body: Body, light: Light): void {
  forEachPoint(heights, body.x, body.y, body.radius, light, (k, dx, dy) => {
    const part = topPart(body, dx, dy);
    if (part !== undefined) heights.data[k] = heights.data[k]! + part.height;
  });
}

/** Paints a body over the radiance, at pixel centres. */
export function paintBody(radiance: Lattice, body: Body, light: Light): void {
  const share = 1 / SUBSAMPLES ** 2;
  forEachPoint(radiance, body.x - 0.5, body.y - 0.5, body.radius + 1, light, (k, dx, dy) => {
    let covered = 0;
    let sum = 0;
    for (let n = 0; n < SUBSAMPLES ** 2; n++) {
      const sx = dx + (((n % SUBSAMPLES) + 0.5) / SUBSAMPLES - 0.5) * light.sideX;
      const sy = dy + ((Math.floor(n / SUBSAMPLES) + 0.5) / SUBSAMPLES - 0.5) * light.sideY;
      const part = topPart(body, sx, sy);
      if (part === undefined) continue;
      covered += share;
      const sunward = (sx * light.ground.x + sy * light.ground.y) / body.radius;
      sum += share * part.radiance * (1 + SUNWARD * sunward);
    }
    radiance.data[k] = radiance.data[k]! * (1 - covered) + sum;
  });
}

/** Changes the albedo, at pixel centres, along a mark. */
export function addMark(albedo: Lattice, mark: Mark, light: Light): void {
  for (let n = 0; n < mark.points.length; n++) {
    const from = mark.points[n]!;
    const to = mark.points[n + 1] ?? from;
    // A single point is a spot; the end of a line is drawn by its last segment.
    if (to === from && mark.points.length > 1) break;
    addSegment(albedo, mark, from, to, light);
  }
}

type Position = Mark['points'][number];

function addSegment(albedo: Lattice, mark: Mark, from: Position, to: Position, light: Light): void {
  const lineX = (to.x - from.x) * light.sideX;
  const lineY = (to.y - from.y) * light.sideY;
  const square = lineX ** 2 + lineY ** 2;
  const reach = Math.sqrt(square) / 2 + 3 * mark.width;
  const x = (from.x + to.x) / 2 - 0.5;
  const y = (from.y + to.y) / 2 - 0.5;
  forEachPoint(albedo, x, y, reach, light, (k, dx, dy) => {
    const along = square > 0 ? (dx * lineX + dy * lineY) / square + 0.5 : 0;
    // Each point belongs to one segment, so that joints are not drawn twice.
    if (square > 0 && (along < 0 || along >= 1)) return;
    const distance = square > 0 ? (dx * lineY - dy * lineX) ** 2 / square : dx ** 2 + dy ** 2;
    albedo.data[k] = albedo.data[k]! * (1 + mark.change * Math.exp(-distance / (2 * mark.width ** 2)));
  });
}

function topPart(body: Body, dx: number, dy: number): Part | undefined {
  let top: Part | undefined;
  for (const part of body.parts) {
    if (top !== undefined && top.height >= part.height) continue;
    const x = dx - part.dx;
    const y = dy - part.dy;
    const u = Math.abs(x * part.axisX + y * part.axisY) / part.halfLength;
    const v = Math.abs(y * part.axisX - x * part.axisY) / part.halfWidth;
    if (part.round ? u * u + v * v <= 1 : u <= 1 && v <= 1) top = part;
  }
  return top;
}

/** Visits the lattice points within a ground distance of a place, with their ground offsets. */
function forEachPoint(
  target: Lattice,
  x: number,
  y: number,
  radius: number,
  light: Light,
  visit: (index: number, dx: number, dy: number) => void,
): void {
  const left = Math.max(0, Math.ceil(x - radius / light.sideX - target.x));
  const right = Math.min(target.width - 1, Math.floor(x + radius / light.sideX - target.x));
  const top = Math.max(0, Math.ceil(y - radius / light.sideY - target.y));
  const bottom = Math.min(target.height - 1, Math.floor(y + radius / light.sideY - target.y));
  for (let j = top; j <= bottom; j++) {
    for (let i = left; i <= right; i++) {
      const dx = (target.x + i - x) * light.sideX;
      const dy = (target.y + j - y) * light.sideY;
      visit(j * target.width + i, dx, dy);
    }
  }
}
