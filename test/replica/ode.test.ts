import { describe, expect, it } from 'vitest';
import { parseIndexLabel } from '../../src/archive/index/index-layout.js';
import { parseIndexRecord } from '../../src/archive/index/index-record.js';
import { footprintOf } from '../../src/replica/ode/footprint.js';
import type { Replica, ReplicaOptions } from '../../src/replica/replica.js';
import type { LonLat } from '../../src/domain/geometry.js';
import type { Product } from '../../src/domain/product.js';
import { present, readData } from '../archive/support.js';
import { testReplica } from './support.js';

type Json = Record<string, unknown>;

const NAC = 'query=product&target=moon&ihid=LRO&iid=LROC&pt=CDRNAC4&output=JSON';

async function ode(replica: Replica, query: string): Promise<Json> {
  const response = await fetch(`${replica.odeAddress}?${query}`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
  return ((await response.json()) as { ODEResults: Json }).ODEResults;
}

/** Products of an answer, one or many. */
function productsOf(answer: Json): Json[] {
  const { Product: product } = answer['Products'] as { Product: Json | Json[] };
  return [product].flat();
}

function indexOf({ volumes }: Replica): Product[] {
  return volumes.flatMap(({ label, table }) => {
    const { columns, recordBytes } = parseIndexLabel(label.body.toString('latin1'), 'label');
    return Array.from({ length: table.body.length / recordBytes }, (_, n) =>
      parseIndexRecord(table.body.subarray(n * recordBytes, (n + 1) * recordBytes), columns),
    ).flatMap((row) => (row.kind === 'product' ? [row.product] : []));
  });
}

function leaves(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value];
}

const quick = (options: Partial<ReplicaOptions> = {}) => testReplica({ images: 6, volumes: 2, ...options });

describe('the ODE service of the replica', () => {
  it('gives the products of the index with their geometry, all values as texts', async () => {
    const replica = await quick();
    const answer = await ode(replica, `${NAC}&results=fmpc`);
    expect(answer).toMatchObject({ Count: '12', Status: 'Success' });
    expect(leaves(answer).every((value) => typeof value === 'string')).toBe(true);
    const index = indexOf(replica);
    for (const product of productsOf(answer)) {
      const row = index.find(({ productId }) => `nac.${productId.toLowerCase()}` === product['pdsid'])!;
      expect(product).toMatchObject({
        pt: 'CDRNAC4',
        Data_Set_Id: row.dataSetId,
        PDSVolume_Id: row.volumeId,
        Incidence_angle: String(row.incidenceDeg),
        Emission_angle: String(row.emissionDeg),
        Phase_angle: String(row.phaseDeg),
        Map_resolution: String(row.resolutionM),
        UTC_start_time: row.startTime.toISOString().slice(0, 23),
      });
      const { upperRight: ur, lowerRight: lr, lowerLeft: ll, upperLeft: ul } = row.corners;
      const ring = [ur, lr, ll, ul, ur].map(({ lon, lat }) => `${lon} ${lat}`).join(', ');
      expect(decimals(product['Footprint_C0_geometry'] as string)).toEqual(decimals(`POLYGON ((${ring}))`));
    }
  });

  it('lists both labels, told apart by their type, at addresses that lead to the files', async () => {
    const replica = await quick({ images: 1, volumes: 1 });
    const [product] = productsOf(await ode(replica, `${NAC}&results=fmp`));
    const { Product_file: files } = product!['Product_files'] as { Product_file: Record<string, string>[] };
    const names = files.map(({ Type, FileName }) => `${Type} ${FileName!.replace(/M\d+LC/, 'ID')}`);
    expect(names.slice(0, 4)).toEqual([
      'Product ID.xml',
      'Product ID.IMG',
      'Browse ID_pyr.xml',
      'Browse ID_pyr.tif',
    ]);
    expect(new Set(names.slice(4).map((name) => name.split(' ')[0]))).toEqual(new Set(['Derived']));
    const label = await (await fetch(files[2]!['URL']!)).text();
    expect(label).toContain('<product_class>Product_Browse</product_class>');
    expect((await fetch(files[3]!['URL']!)).status).toBe(200);
  });

  it('gives one hit as an object, many as a list, and none as a sentence', async () => {
    const replica = await quick();
    const [first] = productsOf(await ode(replica, `${NAC}&results=mp`));
    const one = await ode(replica, `query=product&pdsid=${String(first!['pdsid'])}&results=cmp`);
    expect(one).toMatchObject({ Count: '1', Products: { Product: { pdsid: first!['pdsid'] } } });
    const bare = String(first!['pdsid']).replace('nac.', '');
    expect(await ode(replica, `query=product&pdsid=${bare}&results=cmp`)).toMatchObject({
      Count: '0',
      Products: 'No Products Found',
      Status: 'Success',
    });
  });

  it('counts without products, pages by limit and offset, and repeats no parameter that it does not know', async () => {
    const replica = await quick();
    const count = await ode(replica, `${NAC}&results=c&maxtime=2020-01-01`);
    expect(count).toEqual({ Count: '12', QuerySummary: expect.anything() as unknown, Status: 'Success' });
    const ids: unknown[] = [];
    for (let offset = 0; offset < 12; offset += 5) {
      const page = await ode(replica, `${NAC}&results=pc&limit=5&offset=${offset}&Offset=3`);
      expect(page['Count']).toBe('12');
      expect(page['QuerySummary']).toMatchObject({
        limit: '5',
        offset: String(offset),
        query: 'PRODUCT',
        pt: 'cdrnac4',
      });
      expect(page['QuerySummary']).not.toHaveProperty('Offset');
      ids.push(...productsOf(page).map(({ pdsid }) => pdsid));
    }
    expect(new Set(ids).size).toBe(12);
    expect((count['QuerySummary'] as Json)['maxtime']).toBeUndefined();
  });

  it('takes days of observation whole, and ignores a latest creation that stands alone', async () => {
    const replica = await quick();
    const index = indexOf(replica);
    const day = index[3]!.startTime.toISOString().slice(0, 10);
    const onDay = index.filter(({ startTime }) => startTime.toISOString().startsWith(day)).length;
    const counted = async (query: string) =>
      Number((await ode(replica, `${NAC}&results=c&${query}`))['Count']);
    expect(await counted(`minobtime=${day}&maxobtime=${day}`)).toBe(onDay);
    expect(await counted('maxcreationtime=2000-01-01')).toBe(12);
    expect(await counted('mincreationtime=2000-01-01&maxcreationtime=2000-01-02')).toBe(0);
    expect(await counted('mincreationtime=2000-01-01')).toBe(12);
  });

  it('finds by area what lies in it, also across the meridian', async () => {
    const replica = await testReplica({ images: 60, volumes: 1, prepare: false });
    const index = indexOf(replica);
    for (const [south, north, west, east] of [
      [-60, 0, 0, 360],
      [-90, 90, 300, 60],
      [10, 40, 100, 250],
    ] as const) {
      const query = `${NAC}&results=p&limit=500&minlat=${south}&maxlat=${north}&westernlon=${west}&easternlon=${east}`;
      const found = productsOf(await ode(replica, query)).map(({ pdsid }) => pdsid);
      const touches = index.filter(({ corners }) =>
        (Object.values(corners) as LonLat[]).some((corner) => {
          const lon = (corner.lon + 360) % 360;
          const within = west <= east ? lon >= west && lon <= east : lon >= west || lon <= east;
          return within && corner.lat >= south && corner.lat <= north;
        }),
      );
      expect(touches.length).toBeGreaterThan(3);
      expect(found).toEqual(
        expect.arrayContaining(touches.map(({ productId }) => `nac.${productId.toLowerCase()}`)),
      );
      expect(found.length).toBeLessThan(index.length);
    }
  });

  it('says that a set of products is none', async () => {
    const replica = await quick();
    for (const pt of ['CDRNAC', 'EDRNAC', '']) {
      expect(await ode(replica, NAC.replace('CDRNAC4', pt))).toEqual({
        Error: expect.stringMatching(/^Invalid IIPT/) as string,
        Status: 'ERROR',
      });
    }
  });

  it('breaks long answers with files off in the middle of a text, and no others', async () => {
    const replica = await quick({ ode: { truncateBytes: 9000 } });
    const long = await (await fetch(`${replica.odeAddress}?${NAC}&results=fmp`)).text();
    expect(long).toHaveLength(9000);
    expect(() => void JSON.parse(long)).toThrow(SyntaxError);
    expect(productsOf(await ode(replica, `${NAC}&results=fmp&limit=2`))).toHaveLength(2);
    expect(productsOf(await ode(replica, `${NAC}&results=mp`))).toHaveLength(12);
  });

  it('refuses with 403 what comes too fast, for a while', async () => {
    const replica = await quick({ ode: { requests: 3, windowS: 0.3 } });
    const ask = async () => (await fetch(`${replica.odeAddress}?${NAC}&results=c`)).status;
    expect([await ask(), await ask(), await ask(), await ask(), await ask()]).toEqual([
      200, 200, 200, 403, 403,
    ]);
    await new Promise((resolve) => setTimeout(resolve, 320));
    expect(await ask()).toBe(200);
  });

  it('tells its sets of products with their numbers and times, which grow with a release', async () => {
    const replica = await quick({ dataSet: 'both' });
    const sets = async () => {
      const { IIPTSet } = (await ode(replica, 'query=iipt&odemetadb=moon&output=JSON'))['IIPTSets'] as Json;
      return IIPTSet as Record<string, string>[];
    };
    const before = await sets();
    expect(before).toMatchObject([
      { PT: 'CDRNAC4', NumberProducts: '12' },
      { PT: 'EDRNAC4', NumberProducts: '12' },
    ]);
    replica.release();
    const after = await sets();
    expect(after[0]!['NumberProducts']).toBe('18');
    expect(after[0]!['MaxObservationTime']! > before[0]!['MaxObservationTime']!).toBe(true);
    expect(
      productsOf(await ode(replica, `${NAC.replace('CDRNAC4', 'EDRNAC4')}&results=p`))[0]!['pdsid'],
    ).toMatch(/^nac\.m\d+le$/);
  });

  it('is struck by faults like the archive', async () => {
    const replica = await quick({
      faults: {
        rules: [
          { fault: 'short-length', kind: 'ode', times: 1 },
          { fault: 'http-500', host: 'ode' },
        ],
      },
    });
    const ask = () => fetch(`${replica.odeAddress}?${NAC}&results=c`);
    await expect(ask().then((response) => response.json())).rejects.toThrow();
    expect((await ask()).status).toBe(500);
  });
});

describe.skipIf(!present('ode/ode_lroc_fragments.json'))('a footprint', () => {
  it('is written as that of a real product', () => {
    const corners = [
      { lon: 21.93, lat: 19.4 },
      { lon: 22.02, lat: 21.07 },
      { lon: 22.19, lat: 21.06 },
      { lon: 22.08, lat: 19.39 },
    ];
    const real = JSON.parse(readData('ode/ode_lroc_fragments.json').toString()) as Json;
    const { c0, gl, geometry, crossesMeridian } = footprintOf(corners);
    expect([c0, gl, geometry]).toEqual(Array.from({ length: 3 }, () => real['Footprint_C0_geometry']));
    expect(crossesMeridian).toBe(false);
  });

  it('across the meridian is split where a real one is', () => {
    const answer = JSON.parse(readData('ode/ode_mars_ctx_product_fmpc_2020-11-24.json').toString()) as {
      ODEResults: Json;
    };
    const [product] = productsOf(answer.ODEResults);
    const real = (name: string) => product![name] as string;
    const [ur, lr, ll, ul] = points(real('Footprint_GL_geometry'));
    const made = footprintOf([ur!, lr!, ll!, ul!]);
    expect(made.c0).toBe(real('Footprint_C0_geometry'));
    expect(made.gl).toBe(real('Footprint_GL_geometry'));
    expect(made.crossesMeridian).toBe(true);
    const corners = (text: string) => new Set(points(text).map(({ lon, lat }) => `${lon} ${lat.toFixed(3)}`));
    for (const corner of corners(real('Footprint_geometry')))
      expect(corners(made.geometry)).toContain(corner);
  });
});

function points(text: string): { lon: number; lat: number }[] {
  return [...text.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(([, lon, lat]) => ({
    lon: Number(lon),
    lat: Number(lat),
  }));
}

/** Coordinates to the index's two decimals: taking 360 away leaves noise behind. */
function decimals(text: string): string[] {
  return points(text).map(({ lon, lat }) => `${lon.toFixed(2)} ${lat.toFixed(2)}`);
}
