import type { LonLat, PixelPoint } from '../domain/geometry.js';
import type { ScanOverview } from '../domain/overview.js';
import type { LocalProjection, PlanePoint } from '../geo/local-projection.js';

/** Steps of Newton's method at most; two or three reach a thousandth of a pixel. */
const STEPS = 12;
const CLOSE_PX = 1e-3;

/** An image's pixels in a plane and back. */
export interface ImageMap {
  at(point: PixelPoint): PlanePoint;
  /** The pixel at a place of the plane, beyond the image's edges too, as its outer cells of the lattice go on. */
  pixelAt(point: PlanePoint, guess?: PixelPoint): PixelPoint;
  /** Plane metres of a pixel in the middle, geometric mean of both directions. */
  readonly pixelM: number;
}

/** The part of an overview that places its image. */
export type ImagePlaces = Pick<ScanOverview, 'samples' | 'lines' | 'lattice'>;

export function imageMap(image: ImagePlaces, projection: Pick<LocalProjection, 'forward'>): ImageMap {
  const { samples, lines } = image;
  const { columns, rows, places } = image.lattice;
  const nodes = places.map((place: LonLat) => projection.forward(place));
  const [perColumn, perRow] = [(samples - 1) / (columns - 1), (lines - 1) / (rows - 1)];

  /** Position and derivatives by sample and line. */
  const local = ({ sample, line }: PixelPoint) => {
    const [u, v] = [(sample - 0.5) / perColumn, (line - 0.5) / perRow];
    const column = Math.min(Math.max(Math.floor(u), 0), columns - 2);
    const row = Math.min(Math.max(Math.floor(v), 0), rows - 2);
    const [s, t] = [u - column, v - row];
    const first = row * columns + column;
    const [a, b] = [nodes[first]!, nodes[first + 1]!];
    const [d, c] = [nodes[first + columns]!, nodes[first + columns + 1]!];
    const mix = (axis: 'x' | 'y') => ({
      at: (1 - t) * ((1 - s) * a[axis] + s * b[axis]) + t * ((1 - s) * d[axis] + s * c[axis]),
      perSample: ((1 - t) * (b[axis] - a[axis]) + t * (c[axis] - d[axis])) / perColumn,
      perLine: ((1 - s) * (d[axis] - a[axis]) + s * (c[axis] - b[axis])) / perRow,
    });
    return { x: mix('x'), y: mix('y') };
  };
  const middle = { sample: samples / 2, line: lines / 2 };
  const { x, y } = local(middle);
  return {
    at(point) {
      const here = local(point);
      return { x: here.x.at, y: here.y.at };
    },
    pixelAt(point, guess = middle) {
      let { sample, line } = guess;
      for (let step = 0; step < STEPS; step++) {
        const here = local({ sample, line });
        const [dx, dy] = [point.x - here.x.at, point.y - here.y.at];
        const area = here.x.perSample * here.y.perLine - here.x.perLine * here.y.perSample;
        const across = (dx * here.y.perLine - dy * here.x.perLine) / area;
        const along = (dy * here.x.perSample - dx * here.y.perSample) / area;
        sample += across;
        line += along;
        if (Math.abs(across) < CLOSE_PX && Math.abs(along) < CLOSE_PX) break;
      }
      return { sample, line };
    },
    pixelM: Math.sqrt(Math.abs(x.perSample * y.perLine - x.perLine * y.perSample)),
  };
}

/** Bilinear weights of the four corners (upper left, upper right, lower right, lower left) at a pixel. */
export function cornerWeights(
  { samples, lines }: Pick<ImagePlaces, 'samples' | 'lines'>,
  { sample, line }: PixelPoint,
): [number, number, number, number] {
  const u = (sample - 0.5) / (samples - 1);
  const t = (line - 0.5) / (lines - 1);
  return [(1 - u) * (1 - t), u * (1 - t), u * t, (1 - u) * t];
}
