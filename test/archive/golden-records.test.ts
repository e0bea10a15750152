import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { browsePath } from '../../src/archive/archive-urls.js';
import { indexColumns } from '../../src/archive/index/index-columns.js';
import { parseIndexRecord } from '../../src/archive/index/index-record.js';
import { RecordValues } from '../../src/archive/index/index-values.js';
import { handedness } from '../../src/domain/corners.js';
import type { Product } from '../../src/domain/product.js';
import { createCornerModel } from '../../src/geo/corner-model.js';
import { areaM2 } from '../../src/geo/sphere.js';
import { geometryOf } from '../../src/pipeline/product-geometry.js';
import { present, readData } from './support.js';

const DATA = fileURLToPath(new URL('../../../shared/data/index/', import.meta.url));
const READER = fileURLToPath(new URL('read_index_records.py', import.meta.url));
const TABLES = [
  ['LROLRC_1034', 901],
  ['LROLRC_1067A', 902],
] as const;

/** Real rows with the columns of their record length. */
function realRecords(): { record: Buffer; columns: Map<string, { start: number; bytes: number }> }[] {
  return TABLES.flatMap(([volumeId, length]) => {
    const table = readData(`index/INDEX_${length}.TAB`);
    const columns = new Map(
      indexColumns(volumeId).map(({ name, startByte, bytes }) => [name, { start: startByte - 1, bytes }]),
    );
    return Array.from({ length: table.length / length }, (_, n) => ({
      record: table.subarray(n * length, (n + 1) * length),
      columns,
    }));
  });
}

function realProducts(): Product[] {
  return realRecords().map(({ record, columns }) => {
    const row = parseIndexRecord(record, columns);
    if (row.kind !== 'product') throw new Error(`${row.kind}: ${row.reason}`);
    expect(row.doubt).toBeNull();
    return row.product;
  });
}

/** What an independent reader makes of the same files; null where there is no Python. */
function pythonRecords(): Record<string, string | number | null>[] | null {
  const tables = TABLES.map(([, length]) => `${DATA}INDEX_${length}.TAB`);
  const run = spawnSync('python3', [READER, `${DATA}INDEX_columns.json`, ...tables], { encoding: 'utf8' });
  if (run.error !== undefined) return null;
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as Record<string, string | number | null>[];
}

describe.skipIf(!present('index/INDEX_902.TAB'))('the eight real records', () => {
  it('have the 83 values that an independent reader of CSV finds, at both record lengths', (context) => {
    const expected = pythonRecords();
    if (expected === null) return context.skip('python3 is not installed: apt-get install python3');
    const values = realRecords().map(({ record, columns }) => new RecordValues(record, columns).all());
    expect(values).toHaveLength(8);
    for (const record of values) expect(Object.keys(record)).toHaveLength(83);
    expect(values).toEqual(expected);
  });

  it('lead to their pictures', () => {
    const address = (product: Product) => `https://pds.lroc.im-ldi.com/data/${browsePath(product)}.tif`;
    const root = 'https://pds.lroc.im-ldi.com/data/LRO-L-LROC-3-CDR-V1.0';
    expect(realProducts().map(address)).toEqual([
      `${root}/LROLRC_1003/EXTRAS/BROWSE/2010087/M124423514LC_pyr.tif`,
      `${root}/LROLRC_1012/EXTRAS/BROWSE/2012190/M1096350825RC_pyr.tif`,
      `${root}/LROLRC_1018/EXTRAS/BROWSE/2013355/M1142297886LC_pyr.tif`,
      `${root}/LROLRC_1022/EXTRAS/BROWSE/2015007/M1175268993RC_pyr.tif`,
      `${root}/LROLRC_1038A/EXTRAS/BROWSE/2018354/M1299958135LC_pyr.tif`,
      `${root}/LROLRC_1039C/EXTRAS/BROWSE/2019166/M1315225542LC_pyr.tif`,
      `${root}/LROLRC_1040C/EXTRAS/BROWSE/2019248/M1322281266LC_pyr.tif`,
      `${root}/LROLRC_1042B/EXTRAS/BROWSE/2020032/M1335207975RC_pyr.tif`,
    ]);
  });

  it('lie as their corners say: mirrored or not, line 1 in the north or the south', () => {
    const lies = realProducts().map(({ imageId, corners }) => {
      const north = corners.upperLeft.lat > corners.lowerLeft.lat;
      return `${imageId} ${handedness(corners)}, line 1 ${north ? 'north' : 'south'}`;
    });
    expect(lies).toEqual([
      'M124423514L mirrored, line 1 south',
      'M1096350825R direct, line 1 north',
      'M1142297886L mirrored, line 1 south',
      'M1175268993R mirrored, line 1 south',
      'M1299958135L direct, line 1 south',
      'M1315225542L mirrored, line 1 north',
      'M1322281266L mirrored, line 1 north',
      'M1335207975R direct, line 1 south',
    ]);
  });

  it('have footprints through their corners, counter-clockwise, as large as their pixels say', () => {
    for (const product of realProducts()) {
      const { corners, lines, samples, pixelWidthM, pixelHeightM } = product;
      const polygon = createCornerModel(geometryOf(product)).polygon([
        { sample: 0, line: 0 },
        { sample: samples, line: 0 },
        { sample: samples, line: lines },
        { sample: 0, line: lines },
      ]);
      const [ring = []] = polygon.coordinates[0] ?? [];
      expect(polygon.coordinates).toHaveLength(1);
      for (const { lon, lat } of Object.values(corners)) {
        expect(lon).toBeGreaterThanOrEqual(-180);
        expect(lon).toBeLessThanOrEqual(180);
        const apart = ring.map(([x = NaN, y = NaN]) => Math.hypot(x - lon, y - lat));
        expect(Math.min(...apart)).toBeLessThan(0.001);
      }
      const turning = ring.slice(1).reduce((sum, [x1 = 0, y1 = 0], i) => {
        const [x0 = 0, y0 = 0] = ring[i] ?? [];
        return sum + (x0 * y1 - x1 * y0);
      }, 0);
      expect(turning).toBeGreaterThan(0);
      const ratio = areaM2(polygon) / (lines * pixelHeightM * samples * pixelWidthM);
      expect(ratio).toBeGreaterThan(0.85);
      expect(ratio).toBeLessThan(1.15);
    }
  });
});
