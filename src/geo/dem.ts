import { registerTag, type GeoTIFFImage } from 'geotiff';
import { MOON_RADIUS_M, type LonLat } from '../domain/geometry.js';
import { BLOCK, planBlocks, terrainOfBlocks, type BlockPlan } from './dem-blocks.js';
import { openGeoTiff } from './dem-file.js';
import { demError, demGrid, type DemGrid } from './dem-grid.js';
import type { Terrain } from './terrain.js';

// geotiff 3.0.5 reads arrays that it defers as little-endian whatever the file says; eager ones come right.
for (const [tag, name] of [
  [273, 'StripOffsets'],
  [279, 'StripByteCounts'],
  [324, 'TileOffsets'],
  [325, 'TileByteCounts'],
] as const)
  registerTag(tag, name, 'LONG', true, true);

/** Samples that are decoded at a time. */
const MAX_READ = 1 << 23;
/** Heights beyond this are none: the Moon's lie within -9.2 and +10.8 km. */
const MAX_HEIGHT_M = 20_000;

export interface DemOptions {
  /** Standard deviation of the heights' error, metres. */
  readonly sigmaM: number;
  /** Metres for each unit of height, on top of what the file itself says. */
  readonly scale: number;
}

/** A digital elevation model of the Moon in a file, of which each image gets its part. */
export interface Dem {
  readonly name: string;
  /** Ground size of a pixel, metres. */
  readonly spacingM: number;
  /**
   * Reads the terrain about places, 96 MiB at most; null where the file has no heights there.
   * @param radiusM how far about each place heights are needed
   * @throws OperationalError `dem` where the file cannot be read there
   */
  terrainAt(places: readonly LonLat[], radiusM: number): Promise<Terrain | null>;
  close(): Promise<void>;
}

/**
 * Opens a GeoTIFF with heights over the sphere of 1737.4 km (or distances from the Moon's centre), such as LOLA's
 * or SLDEM2015: degrees, equirectangular or polar stereographic; whole or floating numbers, with GDAL's scale,
 * offset, unit and no-data value. Only its directory is read here.
 * @throws OperationalError `dem`, one sentence, where it is none or of another body
 */
export async function openDem(path: string, options: DemOptions): Promise<Dem> {
  const { tiff, close } = await openGeoTiff(path).catch((cause: unknown) => {
    throw demError(path, 'cannot be opened as a GeoTIFF; check path and file', cause);
  });
  try {
    const image = await tiff.getImage(0);
    const grid = demGrid(georeference(path, image));
    const toMetres = await heightsOf(path, image, options.scale);
    return demOf(path, close, image, grid, toMetres, options.sigmaM);
  } catch (cause) {
    await close();
    if (cause instanceof Error && 'code' in cause && cause.code === 'dem') throw cause;
    throw demError(path, 'cannot be read; check the file with gdalinfo', cause);
  }
}

function demOf(
  path: string,
  close: () => Promise<void>,
  image: GeoTIFFImage,
  grid: DemGrid,
  toMetres: (raw: number) => number,
  sigmaM: number,
): Dem {
  return {
    name: path,
    spacingM: grid.spacingM,
    async terrainAt(places, radiusM) {
      const plan = planBlocks(grid, places, radiusM);
      const samples = new Map<number, Float32Array>();
      try {
        for (const run of runsOf(plan)) await readRun(image, grid, plan, run, toMetres, samples);
      } catch (cause) {
        throw demError(path, 'cannot be read to its end; check the file with gdalinfo', cause);
      }
      return terrainOfBlocks(grid, plan, samples, sigmaM);
    },
    close,
  };
}

function georeference(name: string, image: GeoTIFFImage) {
  const numbers = (tag: 'ModelPixelScale' | 'ModelTiepoint' | 'ModelTransformation'): number[] => {
    const value = image.fileDirectory.getValue(tag) as ArrayLike<number> | undefined;
    return value === undefined ? [] : Array.from(value);
  };
  const [a = NaN, b = NaN, , x = NaN, c = NaN, d = NaN, , y = NaN] = numbers('ModelTransformation');
  const affine = b === 0 && c === 0;
  return {
    name,
    width: image.getWidth(),
    height: image.getHeight(),
    geoKeys: image.getGeoKeys() ?? {},
    pixelScale: affine ? [a, -d] : numbers('ModelPixelScale'),
    tiepoint: affine ? [0, 0, 0, x, y, 0] : numbers('ModelTiepoint'),
  };
}

/** How the file's numbers become metres over the sphere; NaN where they are none. */
async function heightsOf(name: string, image: GeoTIFFImage, more: number): Promise<(raw: number) => number> {
  if (image.getSamplesPerPixel() !== 1)
    throw demError(name, `has ${image.getSamplesPerPixel()} bands where one of heights is needed`);
  const told = (await image.getGDALMetadata(0)) ?? {};
  const number = (item: string, otherwise: number) => {
    const value = Number(told[item] ?? otherwise);
    return Number.isFinite(value) ? value : otherwise;
  };
  const unit = told['UNITTYPE'];
  const kilometres = typeof unit === 'string' && /^(km|kilomet)/i.test(unit.trim());
  const scale = number('SCALE', 1);
  const offset = number('OFFSET', 0);
  const metres = more * (kilometres ? 1000 : 1);
  const stated = image.getGDALNoData();
  const single = image.getSampleFormat() === 3 && image.getBitsPerSample() === 32;
  const noData = stated !== null && single ? Math.fround(stated) : stated;
  return (raw) => {
    if (raw === noData) return NaN;
    const value = (raw * scale + offset) * metres;
    const height = Math.abs(value - MOON_RADIUS_M) < MAX_HEIGHT_M ? value - MOON_RADIUS_M : value;
    return Math.abs(height) < MAX_HEIGHT_M ? height : NaN;
  };
}

/** Blocks beside each other, as many as are decoded at a time: files of strips are read once for them all. */
function runsOf({ step, columns, blocks }: BlockPlan): number[][] {
  const longest = Math.max(1, Math.floor(MAX_READ / (BLOCK * step) ** 2));
  const runs: number[][] = [];
  for (const block of blocks) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run && last === block - 1 && block % columns !== 0 && run.length < longest) run.push(block);
    else runs.push([block]);
  }
  return runs;
}

async function readRun(
  image: GeoTIFFImage,
  grid: DemGrid,
  { step, columns }: BlockPlan,
  run: readonly number[],
  toMetres: (raw: number) => number,
  samples: Map<number, Float32Array>,
): Promise<void> {
  const first = run[0] ?? 0;
  const size = BLOCK * step;
  const [left, top] = [(first % columns) * size, Math.floor(first / columns) * size];
  const right = Math.min(grid.width, left + run.length * size);
  const bottom = Math.min(grid.height, top + size);
  const [raw] = await image.readRasters({ window: [left, top, right, bottom] });
  if (raw === undefined || typeof raw === 'number') throw new Error('There are no samples.');
  const width = right - left;
  run.forEach((number, n) => {
    const block = new Float32Array(BLOCK * BLOCK).fill(NaN);
    for (let row = 0; row * step < bottom - top && row < BLOCK; row++)
      for (let column = 0; column < BLOCK; column++) {
        const x = n * size + column * step;
        if (x < width) block[row * BLOCK + column] = toMetres(raw[row * step * width + x] ?? NaN);
      }
    samples.set(number, block);
  });
}
