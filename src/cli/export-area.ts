import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { UsageError } from '../domain/errors.js';
import type { MultiPolygon } from '../domain/geometry.js';

/** Longitudes up to 360, as polygons across the antimeridian are also drawn without a cut. */
const position = z.tuple([z.number().min(-360).max(360), z.number().min(-90).max(90)], z.number());
const ring = z.array(position).min(4);
const polygon = z.object({ type: z.literal('Polygon'), coordinates: z.array(ring).min(1) });
const multiPolygon = z.object({
  type: z.literal('MultiPolygon'),
  coordinates: z.array(z.array(ring).min(1)).min(1),
});
const geometry = z.discriminatedUnion('type', [polygon, multiPolygon]);
const feature = z.object({ type: z.literal('Feature'), geometry });
const collection = z.object({ type: z.literal('FeatureCollection'), features: z.array(feature).min(1) });
const area = z.discriminatedUnion('type', [polygon, multiPolygon, feature, collection]);

/** What says of which body a file speaks: our member, and the one that GDAL and QGIS write. */
const reference = z.object({
  body: z.string().optional(),
  crs: z.object({ properties: z.object({ name: z.string() }) }).nullish(),
});

/** Names of the Moon's longitudes and latitudes: IAU 30100, or the sphere itself. */
const MOON = /30100|Moon|R=1737400/i;

/**
 * The polygons of a GeoJSON file, as they are drawn.
 * @throws UsageError where it is not there, not GeoJSON polygons in degrees, or on another body
 */
export async function readArea(path: string): Promise<MultiPolygon> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError(
      `--within ${path}: there is no such file, or it cannot be read; give a GeoJSON file.`,
      {
        cause,
      },
    );
  });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`--within ${path}: it is not JSON; give a GeoJSON file with polygons.`, { cause });
  }
  assertMoon(path, parsed);
  const read = area.safeParse(parsed);
  if (!read.success)
    throw new UsageError(
      `--within ${path}: it is not GeoJSON with polygons in degrees on the Moon (${read.error.issues[0]?.path.join('.') || 'type'}: ${read.error.issues[0]?.message ?? 'wrong'}); give Polygon or MultiPolygon features.`,
    );
  return { type: 'MultiPolygon', coordinates: polygonsOf(read.data) };
}

function assertMoon(path: string, parsed: unknown): void {
  const { data } = reference.safeParse(parsed);
  const body = data?.body;
  const crs = data?.crs?.properties.name;
  const other =
    body !== undefined && body !== 'Moon' ? body : crs !== undefined && !MOON.test(crs) ? crs : null;
  if (other !== null)
    throw new UsageError(
      `--within ${path}: its coordinates are those of ${other}; give longitudes and latitudes of the Moon (IAU_2015:30100).`,
    );
}

function polygonsOf(given: z.infer<typeof area>): number[][][][] {
  switch (given.type) {
    case 'Polygon':
      return [given.coordinates.map(flat)];
    case 'MultiPolygon':
      return given.coordinates.map((rings) => rings.map(flat));
    case 'Feature':
      return polygonsOf(given.geometry);
    case 'FeatureCollection':
      return given.features.flatMap((each) => polygonsOf(each.geometry));
  }
}

/** Heights are of no interest. */
function flat(positions: readonly (readonly number[])[]): number[][] {
  return positions.map(([lon = NaN, lat = NaN]) => [lon, lat]);
}
