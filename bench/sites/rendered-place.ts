import type { LonLat, PixelPoint } from '../../src/domain/geometry.js';
import type { ScanOverview } from '../../src/domain/overview.js';
import { createRandom, type Random } from '../../src/domain/random.js';
import { overviewCell } from '../../src/detection/overview.js';
import { createCornerModel } from '../../src/geo/corner-model.js';
import { localProjection, type PlanePoint } from '../../src/geo/local-projection.js';
import { placeLattice } from '../../src/geo/place-lattice.js';
import { DEGREE, angleDeg, sunAzimuthDeg } from '../../src/geo/sphere.js';
import { Ground, NO_HARDWARE } from '../../src/simulation/ground.js';
import { lightOf } from '../../src/simulation/light.js';
import { TERRAINS, type TerrainKind } from '../../src/simulation/terrain.js';

/**
 * One piece of the Moon in many images: one terrain rendered under many Suns, and images of it whose index rows have
 * corners rounded to 0.01 degrees, as the archive's. It is rendered at 8 m to a pixel, as overviews need no more;
 * craters have no scale of their own.
 */
export const RENDERED_M = 8;
/** Of the images, metres to a pixel. */
export const PIXEL_M = 1;

export interface PlaceOptions {
  readonly seed: number;
  readonly centre: LonLat;
  readonly terrain: TerrainKind;
  readonly images: number;
  readonly samples: number;
  readonly lines: number;
  /** How far images are off the middle, at most, across and along, metres. */
  readonly awayM: { readonly across: number; readonly along: number };
  /** Light of each image; drawn over the lunar day where it is not given. */
  readonly suns?: readonly LonLat[];
}

/** One image of the place, with what is really there. */
export interface RenderedImage {
  readonly imageId: string;
  readonly observedAt: Date;
  readonly subSolar: LonLat;
  readonly incidenceDeg: number;
  readonly overview: ScanOverview;
  /** Corners as an index row has them. */
  readonly corners: readonly LonLat[];
  /** Where the index row puts a pixel. */
  readonly model: ReturnType<typeof createCornerModel>;
  /** The pixel in which a true place of the plane lies, metres. */
  pixelOf(place: PlanePoint): PixelPoint;
  readonly truePlane: (point: PixelPoint) => PlanePoint;
}

export interface RenderedPlace {
  readonly projection: ReturnType<typeof localProjection>;
  readonly images: readonly RenderedImage[];
  readonly random: Random;
}

/** The sub-solar point of an image of a place, by day. */
function drawSun(centre: LonLat, random: Random): LonLat {
  for (;;) {
    const sun = { lon: centre.lon - 75 + 150 * random.uniform(), lat: -1.5 + 3 * random.uniform() };
    if (angleDeg(centre, sun) < 75) return sun;
  }
}

export function renderPlace(options: PlaceOptions): RenderedPlace {
  const { seed, centre, samples, lines, awayM } = options;
  const random = createRandom(seed);
  const projection = localProjection(centre);
  const images = Array.from({ length: options.images }, (_, i): RenderedImage => {
    const middle = {
      x: (2 * random.uniform() - 1) * awayM.across,
      y: (2 * random.uniform() - 1) * awayM.along,
    };
    const subSolar = options.suns?.[i] ?? drawSun(centre, random);
    const [west, north] = [middle.x - (samples * PIXEL_M) / 2, middle.y + (lines * PIXEL_M) / 2];
    // North is up: lines go south.
    const truePlane = ({ sample, line }: PixelPoint): PlanePoint => ({
      x: west + sample * PIXEL_M,
      y: north - line * PIXEL_M,
    });
    const pixels = [
      { sample: 0.5, line: 0.5 },
      { sample: samples - 0.5, line: 0.5 },
      { sample: samples - 0.5, line: lines - 0.5 },
      { sample: 0.5, line: lines - 0.5 },
    ];
    const corners = pixels.map((pixel) => rounded(projection.inverse(truePlane(pixel))));
    const incidenceDeg = angleDeg(centre, subSolar);
    const model = createCornerModel({
      corners: {
        upperLeft: corners[0]!,
        upperRight: corners[1]!,
        lowerRight: corners[2]!,
        lowerLeft: corners[3]!,
      },
      samples,
      lines,
      subSolar,
      emissionDeg: 1,
      incidenceDeg,
      cornerRoundingDeg: 0.005,
    });
    const grey = renderGrey(options, { west, north }, sunAzimuthDeg(centre, subSolar), incidenceDeg, i);
    const cell = overviewCell(samples, lines);
    const overview: ScanOverview = {
      samples,
      lines,
      cell,
      columns: Math.ceil(samples / cell),
      rows: Math.ceil(lines / cell),
      grey,
      scores: null,
      ...placeLattice(model, samples, lines),
    };
    return {
      imageId: `M${1_000_000_000 + i}L`,
      observedAt: new Date(Date.UTC(2010, 0, 1) + i * 30 * 86_400_000),
      subSolar,
      incidenceDeg,
      overview,
      corners,
      model,
      truePlane,
      pixelOf: ({ x, y }) => ({ sample: (x - west) / PIXEL_M, line: (north - y) / PIXEL_M }),
    };
  });
  return { projection, images, random };
}

function rounded({ lon, lat }: LonLat): LonLat {
  return { lon: Math.round(lon * 100) / 100, lat: Math.round(lat * 100) / 100 };
}

/** Mean grey levels of the cells of an image's overview. */
function renderGrey(
  { seed, terrain, samples, lines }: PlaceOptions,
  { west, north }: { readonly west: number; readonly north: number },
  azimuthDeg: number,
  incidenceDeg: number,
  image: number,
): Uint8Array {
  const azimuth = azimuthDeg * DEGREE;
  const light = lightOf({ x: Math.sin(azimuth), y: -Math.cos(azimuth) }, incidenceDeg, 1, 1);
  const ground = new Ground(seed, TERRAINS[terrain], light);
  const cell = overviewCell(samples, lines);
  const side = (cell * PIXEL_M) / RENDERED_M;
  const [columns, rows] = [Math.ceil(samples / cell), Math.ceil(lines / cell)];
  const left = Math.round(west / RENDERED_M);
  const noise = createRandom(seed + 7919 * (image + 1));
  const grey = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    // The image's first line is the northernmost; rows of the ground grow southwards.
    const top = Math.round(-north / RENDERED_M) + row * side;
    const { radiance } = ground.render({ x: left, y: top, width: columns * side, height: side }, NO_HARDWARE);
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++) sum += radiance.data[y * columns * side + column * side + x]!;
      const level = (90 * sum) / (side * side) + 0.7 * noise.normal();
      grey[row * columns + column] = Math.min(255, Math.max(1, Math.round(level)));
    }
  }
  return grey;
}
