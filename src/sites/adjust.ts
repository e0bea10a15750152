import type { PixelPoint } from '../domain/geometry.js';
import type { LocalProjection, PlanePoint } from '../geo/local-projection.js';
import { ROUND_95 } from '../geo/uncertainty.js';
import { cornerWeights, imageMap, type ImagePlaces } from './image-map.js';
import type { TiePoint } from './register.js';
import { cholesky, forward, solve } from './solve.js';

/** An image that is adjusted. */
export interface AdjustedImage extends ImagePlaces {
  readonly imageId: string;
  readonly cornersUncertaintyM: readonly number[];
}

/** Tie points between two of them. */
export interface ImageLink {
  readonly a: string;
  readonly b: string;
  /** As `Registration.residualM`. */
  readonly residualM: number;
  /** As `Registration.shadingM`. */
  readonly shadingM: number;
  readonly ties: readonly TiePoint[];
}

/** Windows overlap, so that tie points of one pair err together: all of them are as good as so many that do not. */
const INDEPENDENT_TIES = 6;
/** Windows are not found again more exactly than to this part of an overview's cell: residuals may be less by chance. */
const LEAST_SIGMA_M = 3;
const CORNERS = 4;

/** Where images lie once their tie points are brought to agree. */
export interface Adjustment {
  /** Images that are linked, straight or by others, share a number; an image without any link has none. */
  readonly group: ReadonlyMap<string, number>;
  /** What to add to where an image puts a pixel, plane metres; nothing for an image without links. */
  correction(imageId: string, point: PixelPoint): PlanePoint;
  /** Standard deviation per axis of the sum over `parts` of weight times corrected place, metres. */
  sigmaM(
    parts: readonly { readonly imageId: string; readonly point: PixelPoint; readonly weight: number }[],
  ): number;
  /** What tie points of an image are off by after the adjustment: root mean square per axis, metres. */
  residualM(imageId: string): number;
}

/**
 * Least squares over all links at once, so that no order matters: each corner of each image may move, held to zero by
 * its uncertainty, and a tie point's two places are to be one. With two axes of like errors both have one matrix.
 */
export function adjust(
  images: readonly AdjustedImage[],
  links: readonly ImageLink[],
  projection: Pick<LocalProjection, 'forward'>,
): Adjustment {
  const sorted = [...images].sort((a, b) => compare(a.imageId, b.imageId));
  const known = new Map(sorted.map((image) => [image.imageId, image]));
  const used = links
    .filter(({ a, b, ties }) => a !== b && known.has(a) && known.has(b) && ties.length > 0)
    .sort((p, q) => compare(p.a, q.a) || compare(p.b, q.b));
  const group = groupsOf(sorted.map(({ imageId }) => imageId), used); // prettier-ignore
  const maps = new Map(sorted.map((image) => [image.imageId, imageMap(image, projection)]));
  const solved = new Map<string, { readonly fit: GroupFit; readonly first: number }>();
  for (const number of new Set(group.values())) {
    const members = sorted.filter(({ imageId }) => group.get(imageId) === number);
    const fit = fitGroup(
      members,
      used.filter(({ a }) => group.get(a) === number),
      (imageId, point) => maps.get(imageId)!.at(point),
    );
    members.forEach(({ imageId }, i) => solved.set(imageId, { fit, first: i * CORNERS }));
  }
  const residuals = residualsOf(used, (imageId, point) => {
    const at = maps.get(imageId)!.at(point);
    const by = correction(imageId, point);
    return { x: at.x + by.x, y: at.y + by.y };
  });

  function correction(imageId: string, point: PixelPoint): PlanePoint {
    const its = solved.get(imageId);
    if (its === undefined) return { x: 0, y: 0 };
    const weights = cornerWeights(known.get(imageId)!, point);
    return {
      x: weights.reduce((sum, weight, k) => sum + weight * its.fit.x[its.first + k]!, 0),
      y: weights.reduce((sum, weight, k) => sum + weight * its.fit.y[its.first + k]!, 0),
    };
  }

  return {
    group,
    correction,
    residualM: (imageId) => residuals.get(imageId) ?? 0,
    sigmaM(parts) {
      let variance = 0;
      const byFit = new Map<GroupFit, Float64Array>();
      for (const { imageId, point, weight } of parts) {
        const its = solved.get(imageId);
        if (its === undefined) continue;
        let vector = byFit.get(its.fit);
        if (vector === undefined) byFit.set(its.fit, (vector = new Float64Array(its.fit.x.length)));
        cornerWeights(known.get(imageId)!, point).forEach((corner, k) => {
          vector[its.first + k]! += weight * corner;
        });
      }
      for (const [fit, vector] of byFit) {
        const half = forward(fit.factor, vector.length, vector);
        variance += half.reduce((sum, value) => sum + value * value, 0);
      }
      return Math.sqrt(variance);
    },
  };
}

interface GroupFit {
  readonly factor: Float64Array;
  /** Of each corner of each image, metres. */
  readonly x: Float64Array;
  readonly y: Float64Array;
}

function fitGroup(
  images: readonly AdjustedImage[],
  links: readonly ImageLink[],
  at: (imageId: string, point: PixelPoint) => PlanePoint,
): GroupFit {
  const n = images.length * CORNERS;
  const first = new Map(images.map(({ imageId }, i) => [imageId, i * CORNERS]));
  const shape = new Map(images.map((image) => [image.imageId, image]));
  const normal = new Float64Array(n * n);
  const [bx, by] = [new Float64Array(n), new Float64Array(n)];
  images.forEach(({ cornersUncertaintyM }, i) => {
    cornersUncertaintyM.forEach((radius, k) => {
      const row = i * CORNERS + k;
      normal[row * n + row]! += 1 / Math.max(radius / ROUND_95, 1) ** 2;
    });
  });
  for (const { a, b, residualM, shadingM, ties } of links) {
    const spread = Math.max(1, ties.length / INDEPENDENT_TIES);
    const weight = 1 / (Math.max(residualM, LEAST_SIGMA_M) ** 2 * spread + shadingM ** 2 * ties.length);
    for (const tie of ties) {
      const [placeA, placeB] = [at(a, tie.a), at(b, tie.b)];
      const row: (readonly [number, number])[] = [
        ...cornerWeights(shape.get(a)!, tie.a).map((w, k) => [first.get(a)! + k, w] as const),
        ...cornerWeights(shape.get(b)!, tie.b).map((w, k) => [first.get(b)! + k, -w] as const),
      ];
      const [dx, dy] = [placeB.x - placeA.x, placeB.y - placeA.y];
      for (const [i, wi] of row) {
        bx[i]! += weight * wi * dx;
        by[i]! += weight * wi * dy;
        for (const [j, wj] of row) normal[i * n + j]! += weight * wi * wj;
      }
    }
  }
  const factor = cholesky(normal, n);
  return { factor, x: solve(factor, n, bx), y: solve(factor, n, by) };
}

/** Numbers of groups of linked images; an image without links is in none. */
function groupsOf(imageIds: readonly string[], links: readonly ImageLink[]): Map<string, number> {
  const near = new Map<string, string[]>();
  for (const { a, b } of links) {
    near.set(a, [...(near.get(a) ?? []), b]);
    near.set(b, [...(near.get(b) ?? []), a]);
  }
  const group = new Map<string, number>();
  let number = 0;
  for (const start of imageIds) {
    if (group.has(start) || !near.has(start)) continue;
    const open = [start];
    group.set(start, number);
    for (let here = open.pop(); here !== undefined; here = open.pop()) {
      for (const next of near.get(here) ?? []) {
        if (group.has(next)) continue;
        group.set(next, number);
        open.push(next);
      }
    }
    number++;
  }
  return group;
}

function residualsOf(
  links: readonly ImageLink[],
  corrected: (imageId: string, point: PixelPoint) => PlanePoint,
): Map<string, number> {
  const sums = new Map<string, { squares: number; count: number }>();
  for (const { a, b, ties } of links) {
    for (const tie of ties) {
      const [p, q] = [corrected(a, tie.a), corrected(b, tie.b)];
      // Each image has half of the square.
      const square = ((p.x - q.x) ** 2 + (p.y - q.y) ** 2) / 4;
      for (const imageId of [a, b]) {
        const sum = sums.get(imageId) ?? { squares: 0, count: 0 };
        sums.set(imageId, { squares: sum.squares + square, count: sum.count + 1 });
      }
    }
  }
  return new Map([...sums].map(([imageId, { squares, count }]) => [imageId, Math.sqrt(squares / count)]));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
