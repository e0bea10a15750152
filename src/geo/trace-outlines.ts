import type { PixelPoint } from '../domain/geometry.js';

/** Ring with its holes, in pixels: outer edges of pixels, open. */
export interface PixelPolygon {
  readonly outer: readonly PixelPoint[];
  readonly holes: readonly (readonly PixelPoint[])[];
}

/** Corner of the grid: number of its edge across and along. */
interface Corner {
  readonly x: number;
  readonly y: number;
}

/** Right, down, left, up: the way around a covered cell with the cell on the right hand, lines going down. */
const STEPS: readonly Corner[] = [
  { x: 1, y: 0 },
  { x: 0, y: 1 },
  { x: -1, y: 0 },
  { x: 0, y: -1 },
];

/**
 * Outlines of the covered cells of a grid: rings that do not touch themselves, holes with the ring around them.
 * Cells that meet at a corner alone are apart; rings that meet there touch at that one point.
 *
 * @param xs edges of the columns, ascending
 * @param ys edges of the rows, ascending
 * @param covered 1 or 0 of each cell, row by row
 */
export function traceOutlines(
  xs: readonly number[],
  ys: readonly number[],
  covered: Uint8Array,
): PixelPolygon[] {
  const columns = xs.length - 1;
  const rows = ys.length - 1;
  const isCovered = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < columns && y < rows && covered[y * columns + x] === 1;
  const outers: Corner[][] = [];
  const holes: Corner[][] = [];
  for (const loop of loopsOf(columns, rows, isCovered).flatMap(splitWhereItTouches)) {
    (signedArea(loop) > 0 ? outers : holes).push(loop);
  }
  const toPixels = (loop: readonly Corner[]): PixelPoint[] =>
    withoutStraight(loop).map(({ x, y }) => ({ sample: xs[x]!, line: ys[y]! }));
  return groupHoles(outers, holes).map(({ outer, inner }) => ({
    outer: toPixels(outer),
    holes: inner.map(toPixels),
  }));
}

/** Closed ways along the edges of covered cells, every edge once; corners open, one per step. */
function loopsOf(columns: number, rows: number, isCovered: (x: number, y: number) => boolean): Corner[][] {
  const width = columns + 1;
  // Whether the edge that leaves a corner in a direction has a covered cell on its right and none on its left.
  const isEdge = ({ x, y }: Corner, direction: number): boolean => {
    if (direction === 0) return isCovered(x, y) && !isCovered(x, y - 1);
    if (direction === 1) return isCovered(x - 1, y) && !isCovered(x, y);
    if (direction === 2) return isCovered(x - 1, y - 1) && !isCovered(x - 1, y);
    return isCovered(x, y - 1) && !isCovered(x - 1, y - 1);
  };
  const used = new Uint8Array(width * (rows + 1));
  const loops: Corner[][] = [];
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const start = { x, y };
      // Every loop has an edge that leads to the right.
      if (!isEdge(start, 0) || used[y * width + x]! === 1) continue;
      const loop: Corner[] = [];
      let [corner, direction]: [Corner, number] = [start, 0];
      do {
        if (direction === 0) used[corner.y * width + corner.x] = 1;
        loop.push(corner);
        const step = STEPS[direction]!;
        corner = { x: corner.x + step.x, y: corner.y + step.y };
        // Right first: around the same cell where two meet at a corner.
        const next = [1, 0, 3].map((turn) => (direction + turn) % 4).find((way) => isEdge(corner, way));
        if (next === undefined) throw new Error('An outline of the coverage has no way on.');
        direction = next;
      } while (corner.x !== x || corner.y !== y || direction !== 0);
      loops.push(loop);
    }
  }
  return loops;
}

/** A way that comes to a corner twice is two rings. */
function splitWhereItTouches(loop: readonly Corner[]): Corner[][] {
  const rings: Corner[][] = [];
  const path: Corner[] = [];
  const seen = new Map<string, number>();
  for (const corner of loop) {
    const key = `${corner.x},${corner.y}`;
    const before = seen.get(key);
    if (before !== undefined) {
      const ring = path.splice(before);
      for (const { x, y } of ring) seen.delete(`${x},${y}`);
      rings.push(ring);
    }
    seen.set(key, path.length);
    path.push(corner);
  }
  rings.push(path);
  return rings;
}

/** Positive for rings around covered cells: clockwise as one sees it, since lines go down. */
function signedArea(loop: readonly Corner[]): number {
  return loop.reduce((sum, { x, y }, i) => {
    const next = loop[(i + 1) % loop.length]!;
    return sum + (x * next.y - next.x * y) / 2;
  }, 0);
}

/** Each hole goes to the smallest ring that holds the cell on its inner side. */
function groupHoles(outers: readonly Corner[][], holes: readonly Corner[][]) {
  const bySize = [...outers]
    .map((outer) => ({ outer, inner: [] as Corner[][], area: signedArea(outer) }))
    .sort((a, b) => a.area - b.area);
  for (const hole of holes) {
    const inside = middleOfHole(hole);
    bySize.find(({ outer }) => holds(outer, inside))?.inner.push(hole);
  }
  return bySize;
}

/** Middle of an uncovered cell in the hole: the one below its uppermost edge. */
function middleOfHole(hole: readonly Corner[]): Corner {
  const top = Math.min(...hole.map(({ y }) => y));
  const i = hole.findIndex(({ y }, at) => y === top && hole[(at + 1) % hole.length]!.y === top);
  const [a, b] = [hole[i]!, hole[(i + 1) % hole.length]!];
  return { x: (a.x + b.x) / 2, y: top + 0.5 };
}

/** Whether a ring holds a place that does not lie on its corners' lines. */
function holds(ring: readonly Corner[], place: Corner): boolean {
  let inside = false;
  ring.forEach((a, i) => {
    const b = ring[(i + 1) % ring.length]!;
    if (a.y > place.y !== b.y > place.y && a.x > place.x) inside = !inside;
  });
  return inside;
}

function withoutStraight(loop: readonly Corner[]): Corner[] {
  return loop.filter((corner, i) => {
    const before = loop[(i + loop.length - 1) % loop.length]!;
    const after = loop[(i + 1) % loop.length]!;
    return (before.x === corner.x) !== (corner.x === after.x);
  });
}
