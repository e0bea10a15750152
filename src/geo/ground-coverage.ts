import { difference, featureCollection, multiPolygon, union } from '@turf/turf';
import type { GroundModel, MultiPolygon, PixelPoint } from '../domain/geometry.js';
import type { TileGrid } from '../domain/tile.js';
import { coverageOutlines } from './coverage.js';
import type { PixelPolygon } from './trace-outlines.js';

/** Pixels between two points of a ring at most: enough to follow the curve of a strip on any map. */
const PIXELS_PER_POINT = 1024;

/**
 * The ground that was scanned: pixels in at least one scored tile, masked parts cut out, split at +-180 and closed
 * over a pole.
 *
 * @param isScored of each tile, row by row
 * @returns null where no tile was scored
 */
export function groundCoverage(
  model: Pick<GroundModel, 'polygon'>,
  grid: TileGrid,
  isScored: (tile: number) => boolean,
): MultiPolygon | null {
  const coordinates = coverageOutlines(grid, isScored).flatMap((polygon) => onGround(model, polygon));
  return coordinates.length === 0 ? null : { type: 'MultiPolygon', coordinates };
}

/** Parts of one polygon. Holes go with it as they are, but on the edge of the map, where they are cut out. */
function onGround(model: Pick<GroundModel, 'polygon'>, { outer, holes }: PixelPolygon): number[][][][] {
  const parts = ringOnGround(model, outer);
  const cuts = holes.map((hole) => ringOnGround(model, hole));
  const [part, ...more] = parts;
  if (part === undefined || holes.length === 0) return parts;
  if (more.length === 0 && !cuts.flat(2).some(isOnEdge)) {
    return [[...part, ...cuts.map(([cut]) => [...(cut?.[0] ?? [])].reverse())]];
  }
  const subject = multiPolygon(parts);
  const gone = cuts.map((cut) => multiPolygon(cut));
  const all = gone.length === 1 ? gone[0]! : union(featureCollection(gone))!;
  const left = difference(featureCollection([subject, all]))?.geometry;
  return left?.type === 'Polygon' ? [left.coordinates] : (left?.coordinates ?? []);
}

function ringOnGround(model: Pick<GroundModel, 'polygon'>, ring: readonly PixelPoint[]): number[][][][] {
  return model.polygon([...ring, ring[0]!].flatMap(withPointsBefore)).coordinates;
}

/** A corner and, ahead of it, points on the way from the one before. */
function withPointsBefore(to: PixelPoint, i: number, ring: readonly PixelPoint[]): PixelPoint[] {
  const from = ring[i - 1];
  if (from === undefined) return [to];
  const [across, along] = [to.sample - from.sample, to.line - from.line];
  const steps = Math.ceil(Math.max(Math.abs(across), Math.abs(along)) / PIXELS_PER_POINT);
  return Array.from({ length: steps }, (_, step) => ({
    sample: from.sample + (across * (step + 1)) / steps,
    line: from.line + (along * (step + 1)) / steps,
  }));
}

/** Only rings that were split at +-180 or closed over a pole have edges there. */
function isOnEdge(ring: readonly number[][]): boolean {
  return ring.some(([lon = 0]) => Math.abs(lon) === 180);
}
