import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Detection } from '../../src/domain/detection.js';
import type { MultiPolygon } from '../../src/domain/geometry.js';
import type { Database } from '../../src/store/database.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { loadReference } from '../../src/store/reference.js';
import { describeWithDatabase } from '../support/database.js';
import { announce, claim, sampleDetection, sampleProduct, sampleResult, useModel } from './samples.js';

/** The queries of docs/queries.md by the number of their section. */
async function queries(): Promise<Map<number, string>> {
  const text = await readFile(new URL('../../docs/queries.md', import.meta.url), 'utf8');
  const sections = text.matchAll(/^## (\d+)\. [^\n]*\n(.*?)(?=^## |$(?![^]))/gms);
  return new Map(
    [...sections].map(([, number, section]) => [
      Number(number),
      /```sql\n(.*?)```/s.exec(section ?? '')?.[1] ?? '',
    ]),
  );
}

describe('docs/queries.md', () => {
  it('has ten questions, each with one query', async () => {
    const found = await queries();
    expect([...found.keys()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const sql of found.values()) expect(sql).toMatch(/^SELECT/);
  });
});

describeWithDatabase('the questions of docs/queries.md', (createDatabase) => {
  let db: Database;
  let sql: Map<number, string>;
  const ask = (number: number) => db.query<Record<string, unknown>>(sql.get(number) ?? '');
  /** Ids in the order in which the detections below were found. */
  const ids = async (number: number) => (await ask(number)).map((row) => row['id']);

  beforeAll(async () => {
    db = await createDatabase();
    sql = await queries();
    await loadReference(db);
    await useModel(db);
    const at = (lon: number, lat: number, score: number): [number, number, number] => [lon, lat, score];
    const tycho = box(-11.35, -43.9, -11.05, -42.6);
    await scan('M1000000001LC', '2026-04-10', 30, tycho, [at(-11.2, -43.3, 7), at(-11.25, -43.0, 5)]);
    // 61 m from the first, under another Sun; one that was not there before; one too far from the place.
    await scan('M1000000002LC', '2026-08-01', 75, tycho, [
      at(-11.2, -43.298, 6.5),
      at(-11.2, -43.35, 5.5),
      at(-11.15, -42.8, 4.5),
    ]);
    // The lunar module of Apollo 17, and something 900 m from it.
    await scan('M1000000003LC', '2024-05-05', 60, box(30.6, 20.05, 30.9, 20.35), [
      at(30.7723, 20.1911, 8),
      at(30.7723, 20.2211, 6.2),
    ]);
    await scan('M1000000004LC', '2026-09-01', 80, box(100, 10, 100.2, 11.5), []);
  });

  async function scan(
    productId: string,
    date: string,
    incidenceDeg: number,
    coverage: MultiPolygon,
    found: readonly (readonly [number, number, number])[],
  ): Promise<void> {
    const startTime = new Date(`${date}T12:00:00Z`);
    const product = sampleProduct(productId, { startTime, stopTime: startTime, incidenceDeg });
    await announce(db, product);
    const detections = found.map(([lon, lat, score], i): Detection => {
      const detection = sampleDetection(product.imageId, i + 1, { lon, lat });
      return { ...detection, score, place: { ...detection.place!, uncertaintyM: 100 } };
    });
    await commitScan(db, await claim(db), sampleResult(detections, { coverage }));
  }

  it('1: what is new within 5 km of a place since a date', async () => {
    const rows = await ask(1);
    expect(rows).toMatchObject([{ id: 4, product_id: 'M1000000002LC', nearest_feature: 'in Tycho' }]);
    expect(rows[0]?.['distance_m']).toBeCloseTo(1516, -1);
  });

  it('2: what persists across lightings', async () => {
    expect(await ask(2)).toMatchObject([
      {
        id: 1,
        other_id: 3,
        apart_m: 61,
        suns_apart_deg: 45,
        incidence_deg: 30,
        other_incidence_deg: 75,
        lower_score: 6.5,
      },
    ]);
  });

  it('2: counts morning and evening light of one incidence as two, and light of one direction as one', async () => {
    const suns = async (incidence: number, azimuth: number | null) => {
      await db.query(
        `UPDATE selenoscan_data.product SET incidence_deg = $1 WHERE id = (
        SELECT product_pk FROM selenoscan_data.scan WHERE image_id = 'M1000000002L')`,
        [incidence],
      );
      await db.query('UPDATE selenoscan_data.detection SET sun_azimuth_deg = $1 WHERE id = 3', [azimuth]);
      return (await ask(2)).map((row) => row['suns_apart_deg']);
    };
    try {
      expect(await suns(30, 94.5 + 180)).toEqual([60]);
      expect(await suns(30, 94.5 - 360)).toEqual([]);
      expect(await suns(35, 94.5 + 20)).toEqual([]);
      expect(await suns(75, null)).toEqual([45]);
    } finally {
      await suns(75, 94.5);
    }
  });

  it('3: what lies near no known object', async () => {
    expect(await ids(3)).toEqual([1, 3]);
  });

  it('4: what has not been looked at for a year', async () => {
    const rows = await ask(4);
    // The image of 2024 lies in one cell.
    expect(rows).toMatchObject([{ last_seen: new Date('2024-05-05T12:00:00Z'), times_seen: 1 }]);
    const [cell] = await db.query<{ id: number }>('SELECT moon_cell(30.7, 20.1) AS id');
    expect(rows[0]?.['id']).toBe(cell?.id);
  });

  it('5: which score highest in a box', async () => {
    expect(await ids(5)).toEqual([1, 3, 4, 2, 5]);
  });

  it('6: which images cover a place under a low Sun', async () => {
    expect((await ask(6)).map((row) => row['product_id'])).toEqual(['M1000000002LC']);
  });

  it('7: which detections of two looks agree within their uncertainty', async () => {
    expect(await ask(7)).toMatchObject([{ id: 1, other_id: 3, apart_m: 61, allowed_m: 141 }]);
  });

  it('8: how dense detections are in the named craters', async () => {
    const tycho = (await ask(8)).filter((row) => row['name'] === 'Tycho');
    // A cap of 85.29 km across; the fifth detection lies within its radius, too.
    expect(tycho).toMatchObject([{ detections: 5 }]);
    expect(Number(tycho[0]?.['per_1000_km2'])).toBeCloseTo(5000 / 5713, 2);
  });

  it('9: what was looked at and found empty', async () => {
    expect(await ask(9)).toMatchObject([{ product_id: 'M1000000004LC', tiles_scored: 90 }]);
  });

  it('10: where one detection comes from', async () => {
    expect(await ask(10)).toMatchObject([
      {
        id: 1,
        product_id: 'M1000000001LC',
        source_checksum: `sha256:${'0'.repeat(64)}`,
        config_hash: 'abc',
        engine: 'onnxruntime 1.30.0',
        ground_model: 'corners',
      },
    ]);
  });
});

function box(west: number, south: number, east: number, north: number): MultiPolygon {
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  return { type: 'MultiPolygon', coordinates: [[ring]] };
}
