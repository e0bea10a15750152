import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A GeoTIFF of heights, as a test writes it. */
export interface DemFile {
  readonly width: number;
  readonly height: number;
  /** Value that is stored at a pixel. */
  readonly value: (column: number, row: number) => number;
  readonly kind?: 'float32' | 'int16';
  readonly bigEndian?: boolean;
  /** Size of a pixel and position of the upper left corner of the first one, in units of the projection. */
  readonly size: readonly [number, number];
  readonly corner: readonly [number, number];
  /** Numbers by geo key; see OGC GeoTIFF 1.1. */
  readonly keys: Readonly<Record<number, number>>;
  readonly noData?: string;
  readonly metadata?: string;
}

export const KEY = {
  model: 1024,
  raster: 1025,
  geographic: 2048,
  major: 2057,
  projected: 3072,
  projection: 3075,
  parallel: 3078,
  originLat: 3081,
  centreLon: 3088,
  poleLon: 3095,
};

/** Degrees on the lunar sphere. */
export const MOON_DEGREES = {
  [KEY.model]: 2,
  [KEY.raster]: 1,
  [KEY.geographic]: 32767,
  [KEY.major]: 1_737_400,
};

/** Metres of a projection of GeoTIFF on the lunar sphere. */
export function moonMetres(projection: number, more: Record<number, number> = {}): Record<number, number> {
  return {
    ...MOON_DEGREES,
    [KEY.model]: 1,
    [KEY.projected]: 32767,
    [KEY.projection]: projection,
    ...more,
  };
}

/** Degrees of a rectangle, `size` of a pixel. */
export function degreesDem(
  box: readonly [west: number, south: number, east: number, north: number],
  size: number,
  height: (lon: number, lat: number) => number,
): DemFile {
  const [west, south, east, north] = box;
  return {
    width: Math.round((east - west) / size),
    height: Math.round((north - south) / size),
    size: [size, size],
    corner: [west, north],
    keys: MOON_DEGREES,
    value: (column, row) => height(west + (column + 0.5) * size, north - (row + 0.5) * size),
  };
}

const ROWS_PER_STRIP = 16;
const DOUBLE_KEYS = new Set<number>([KEY.major, KEY.parallel, KEY.originLat, KEY.centreLon, KEY.poleLon]);

/** Writes the file to a folder that goes with the test; gives its path. */
export function writeDem(dem: DemFile): string {
  const dir = mkdtempSync(join(tmpdir(), 'selenoscan-dem-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, 'dem.tif');
  writeFileSync(path, demBytes(dem));
  return path;
}

export function demBytes(dem: DemFile): Buffer {
  const { width, height, kind = 'float32', bigEndian = false } = dem;
  const bytes = kind === 'float32' ? 4 : 2;
  const strips = Math.ceil(height / ROWS_PER_STRIP);
  const rowsOf = (strip: number) => Math.min(ROWS_PER_STRIP, height - strip * ROWS_PER_STRIP);
  const counts = Array.from({ length: strips }, (_, strip) => rowsOf(strip) * width * bytes);
  const doubles: number[] = [];
  const keys = Object.entries(dem.keys).map(([key, value]) => [Number(key), value] as const);
  const directory = [1, 1, 0, keys.length].concat(
    keys.flatMap(([key, value]) =>
      DOUBLE_KEYS.has(key) ? [key, 34736, 1, doubles.push(value) - 1] : [key, 0, 1, value],
    ),
  );
  type Entry = readonly [tag: number, type: 2 | 3 | 4 | 12, values: readonly number[] | string];
  const [cornerX, cornerY] = dem.corner;
  const entries: Entry[] = [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 3, [8 * bytes]],
    [259, 3, [1]],
    [262, 3, [1]],
    [273, 4, counts.map(() => 0)],
    [277, 3, [1]],
    [278, 4, [ROWS_PER_STRIP]],
    [279, 4, counts],
    [339, 3, [kind === 'float32' ? 3 : 2]],
    [33550, 12, [...dem.size, 0]],
    [33922, 12, [0, 0, 0, cornerX, cornerY, 0]],
    [34735, 3, directory],
    ...(doubles.length > 0 ? [[34736, 12, doubles] as const] : []),
    ...(dem.metadata === undefined ? [] : [[42112, 2, `${dem.metadata}\0`] as const]),
    ...(dem.noData === undefined ? [] : [[42113, 2, `${dem.noData}\0`] as const]),
  ];
  const sizes = { 2: 1, 3: 2, 4: 4, 12: 8 };
  const lengthOf = ([, type, values]: Entry) => sizes[type] * values.length;
  const directoryEnd = 8 + 2 + 12 * entries.length + 4;
  const outside = entries.map((entry) => (lengthOf(entry) > 4 ? (lengthOf(entry) + 7) & ~7 : 0));
  const dataAt = outside.reduce((sum, length) => sum + length, directoryEnd);
  const buffer = Buffer.alloc(dataAt + counts.reduce((sum, count) => sum + count, 0));
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  const little = !bigEndian;
  buffer.write(little ? 'II' : 'MM', 0, 'latin1');
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  view.setUint16(8, entries.length, little);
  let valuesAt = directoryEnd;
  entries.forEach((entry, n) => {
    const [tag, type, given] = entry;
    let stripAt = dataAt;
    const values = tag === 273 ? counts.map((count) => (stripAt += count) - count) : given;
    const at = 10 + 12 * n;
    view.setUint16(at, tag, little);
    view.setUint16(at + 2, type, little);
    view.setUint32(at + 4, values.length, little);
    const inside = (outside[n] ?? 0) === 0;
    if (!inside) view.setUint32(at + 8, valuesAt, little);
    const from = inside ? at + 8 : valuesAt;
    valuesAt += outside[n] ?? 0;
    for (let i = 0; i < values.length; i++) {
      const place = from + i * sizes[type];
      const value = values[i];
      if (typeof value === 'string') view.setUint8(place, value.charCodeAt(0));
      else if (value === undefined) throw new Error(`tag ${tag} lacks a value`);
      else if (type === 3) view.setUint16(place, value, little);
      else if (type === 4) view.setUint32(place, value, little);
      else if (type === 12) view.setFloat64(place, value, little);
    }
  });
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const at = dataAt + (row * width + column) * bytes;
      const value = dem.value(column, row);
      if (kind === 'float32') view.setFloat32(at, value, little);
      else view.setInt16(at, value, little);
    }
  return buffer;
}
