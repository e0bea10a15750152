import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readArea } from '../../src/cli/export-area.js';
import { filterOf } from '../../src/cli/export-job.js';
import { describeWithDatabase } from '../support/database.js';

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-area-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'area.geojson');
const RING = [[0, 0, 100], [10, 0, 100], [10, 10, 100], [0, 0, 100]]; // prettier-ignore
const POLYGON = { type: 'Polygon', coordinates: [RING] };
const write = (value: unknown) => {
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
};

describe('the area of a GeoJSON file', () => {
  it.each([
    POLYGON,
    { type: 'MultiPolygon', coordinates: [[RING]] },
    { type: 'Feature', properties: null, geometry: POLYGON },
    { type: 'FeatureCollection', body: 'Moon', features: [{ type: 'Feature', geometry: POLYGON }] },
    { ...POLYGON, crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:IAU::30100' } } },
    { ...POLYGON, crs: null },
  ])('is read without heights from %j', async (given) => {
    const flat = RING.map(([lon, lat]) => [lon, lat]);
    expect(await readArea(write(given))).toEqual({ type: 'MultiPolygon', coordinates: [[flat]] });
  });

  it.each([
    ['no JSON', 'POLYGON((0 0))', /it is not JSON/],
    ['a point', { type: 'Point', coordinates: [0, 0] }, /not GeoJSON with polygons/],
    ['no features', { type: 'FeatureCollection', features: [] }, /features/],
    [
      'metres',
      { type: 'Polygon', coordinates: [RING.map(([x = 0, y = 0]) => [x * 1e5, y * 1e5])] },
      /in degrees on the Moon \(coordinates/,
    ],
    ['another body', { ...POLYGON, body: 'Mars' }, /those of Mars/],
    [
      'the Earth',
      { ...POLYGON, crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:OGC:1.3:CRS84' } } },
      /those of urn:ogc:def:crs:OGC:1\.3:CRS84; give .*of the Moon/,
    ],
  ])('is refused in one sentence where there is %s', async (_what, given, sentence) => {
    await expect(readArea(write(given))).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(sentence) as string,
    });
  });
});

describeWithDatabase('an area to filter by', (createDatabase) => {
  it('is refused in one sentence where its ring crosses itself', async () => {
    const bow = [[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]]; // prettier-ignore
    const within = write({ type: 'Polygon', coordinates: [bow] });
    await expect(filterOf(await createDatabase(), { within })).rejects.toThrow(
      /area\.geojson: its polygon is not valid \(Self-intersection/,
    );
  });
});
