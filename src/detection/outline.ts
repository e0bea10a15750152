import type { PixelPoint } from '../domain/geometry.js';

/** Set of pixels of a small window; `inside[y * width + x]` is 1 or 0. */
export interface PixelSet {
  readonly width: number;
  readonly height: number;
  readonly inside: Uint8Array;
}

/** Pixels of `set` that are joined to (x, y) by their sides, with what they enclose. */
export function connectedRegion(set: PixelSet, x: number, y: number): PixelSet {
  const region = flood(set, 1, [y * set.width + x]);
  const border: number[] = [];
  for (let i = 0; i < set.width; i++) border.push(i, (set.height - 1) * set.width + i);
  for (let i = 0; i < set.height; i++) border.push(i * set.width, i * set.width + set.width - 1);
  const outside = flood({ ...set, inside: region }, 0, border);
  return { ...set, inside: outside.map((flag) => 1 - flag) };
}

/** Flags of the pixels of one value that are joined by their sides to a start of that value. */
function flood({ width, height, inside }: PixelSet, value: number, starts: readonly number[]): Uint8Array {
  const pixels = width * height;
  const flags = new Uint8Array(pixels);
  // Each pixel is flagged before it is put here, so once at most.
  const pending = new Int32Array(pixels);
  let count = 0;
  const visit = (i: number): void => {
    if (flags[i] === 1 || inside[i] !== value) return;
    flags[i] = 1;
    pending[count++] = i;
  };
  for (const i of starts) visit(i);
  while (count > 0) {
    const i = pending[--count] ?? 0;
    const x = i % width;
    if (x > 0) visit(i - 1);
    if (x < width - 1) visit(i + 1);
    if (i >= width) visit(i - width);
    if (i < pixels - width) visit(i + width);
  }
  return flags;
}

/**
 * Walks once around a region of `connectedRegion`, along the pixels' sides and clockwise on the screen. As
 * the region is joined by sides and has no holes, the ring neither crosses nor touches itself.
 *
 * @returns closed ring with its corners only, in the window's pixel coordinates
 */
export function traceOutline({ width, height, inside }: PixelSet): PixelPoint[] {
  const at = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && inside[y * width + x] === 1;
  const first = inside.indexOf(1);
  if (first < 0) throw new RangeError('An empty region has no outline.');
  const start = { x: first % width, y: Math.floor(first / width) };
  const ring: PixelPoint[] = [];
  // The first pixel's upper side lies on the outline; the region is kept on the right.
  let { x, y } = start;
  let [dx, dy] = [1, 0];
  do {
    x += dx;
    y += dy;
    // Pixels ahead, on the left and on the right of the walk.
    const left = at(x + (dx + dy - 1) / 2, y + (dy - dx - 1) / 2);
    const right = at(x + (dx - dy - 1) / 2, y + (dy + dx - 1) / 2);
    if (right && !left) continue;
    ring.push({ sample: x, line: y });
    [dx, dy] = right ? [dy, -dx] : [-dy, dx];
  } while (x !== start.x || y !== start.y);
  return [...ring.slice(-1), ...ring];
}
