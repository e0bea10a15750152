import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseIndexLabel } from '../../src/archive/index/index-layout.js';
import { parseIndexRecord, type IndexRow } from '../../src/archive/index/index-record.js';
import type { Product } from '../../src/domain/product.js';
import { checkShares, ODD_KINDS, type OddKind } from '../../src/replica/odd-rows.js';
import { planVolume, type Volume } from '../../src/replica/volume.js';
import { volumePeriod } from '../../src/replica/volume-period.js';
import { archiveUrls, testReplica } from './support.js';

const PERIOD = volumePeriod('LROLRC_1067A');
const OPTIONS = { seed: 3, images: 8, lines: 4096, samples: 5064 };

function rowsOf({ label, table }: Volume): IndexRow[] {
  const { columns, recordBytes } = parseIndexLabel(label.body.toString('latin1'), 'label');
  return Array.from({ length: table.body.length / recordBytes }, (_, n) =>
    parseIndexRecord(table.body.subarray(n * recordBytes, (n + 1) * recordBytes), columns),
  );
}

function productsOf(volume: Volume): Product[] {
  return rowsOf(volume).flatMap((row) => (row.kind === 'product' ? [row.product] : []));
}

describe('a volume of 20,000 products', () => {
  it('is planned at once, and its index made in seconds, the same each time', () => {
    const started = performance.now();
    const volume = planVolume(PERIOD, { ...OPTIONS, images: 20_000, othersEvery: 50 });
    expect(performance.now() - started).toBeLessThan(1000);
    const before = performance.now();
    const { md5, body } = volume.table;
    // The bound is for a busy machine; an idle one takes half a second.
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(body.length / 902).toBe(20_000 + 4 * 400);
    expect(createHash('md5').update(body).digest('hex')).toBe(md5);
    expect(new Set(Array.from(volume.plan, ({ productId }) => productId)).size).toBe(20_000);
    expect(planVolume(PERIOD, { ...OPTIONS, images: 20_000, othersEvery: 50 }).table.md5).toBe(md5);
  });

  it('plans each product when it is asked for, as its row has it', () => {
    const volume = planVolume(PERIOD, { ...OPTIONS, images: 2000, othersEvery: 50 });
    const products = productsOf(volume);
    expect(products).toHaveLength(2000);
    for (const { productId, lines, startTime } of [products[0]!, products[777]!, products[1999]!]) {
      expect(volume.plan.find(productId)).toMatchObject({ productId, startTime, scene: { lines } });
    }
    expect(volume.plan.find('M1LC')).toBeNull();
  });
});

describe('odd rows', () => {
  const night = (row: Product) => row.incidenceDeg > 90;
  const odd = (kind: OddKind, share = 1) =>
    planVolume(PERIOD, { ...OPTIONS, images: 200, odd: { [kind]: share } });
  const angle = (row: Product) => {
    const [a, b] = [row.center, row.subSolar].map(({ lon, lat }) => [
      (lon * Math.PI) / 180,
      (lat * Math.PI) / 180,
    ]);
    const cosine =
      Math.sin(a![1]!) * Math.sin(b![1]!) + Math.cos(a![1]!) * Math.cos(b![1]!) * Math.cos(a![0]! - b![0]!);
    return (Math.acos(cosine) * 180) / Math.PI;
  };
  /** Twice the area of the corners as ordered, in square degrees: its sign is the handedness. */
  const turn = ({ corners: { upperLeft: ul, upperRight: ur, lowerRight: lr, lowerLeft: ll } }: Product) => {
    const ring = [ul, ur, lr, ll].map(({ lon, lat }) => ({ lon: ((lon - ul.lon + 540) % 360) - 180, lat }));
    return ring.reduce((sum, { lon, lat }, i) => {
      const next = ring[(i + 1) % 4]!;
      return sum + lon * next.lat - next.lon * lat;
    }, 0);
  };
  const mirrored = (row: Product) => turn(row) > 0;

  it('are none unless asked for: every row agrees with itself', () => {
    for (const row of productsOf(planVolume(PERIOD, { ...OPTIONS, images: 200 }))) {
      expect(Math.abs(angle(row) - row.incidenceDeg)).toBeLessThan(0.05);
      expect(row).toMatchObject({ lines: 4096, samples: 5064, dataQuality: 0 });
      expect(night(row)).toBe(false);
      expect(row.flightDirection).toBe(mirrored(row) ? '+X' : '-X');
    }
  });

  it('of the night have their Sun below the horizon, and agree with themselves', () => {
    for (const row of productsOf(odd('night'))) {
      expect(row.incidenceDeg).toBeGreaterThan(94);
      expect(Math.abs(angle(row) - row.incidenceDeg)).toBeLessThan(0.05);
    }
  });

  it.each([
    ['short', (row: Product) => row.lines === 1024],
    ['summed', (row: Product) => row.samples === 2532],
    ['wrong-incidence', (row: Product) => Math.abs(angle(row) - row.incidenceDeg) > 9],
    ['wrong-flight', (row: Product) => row.flightDirection !== (mirrored(row) ? '+X' : '-X')],
    ['bad-quality', (row: Product) => row.dataQuality === 24],
  ] as const)('of the kind "%s" are so', (kind, isSo) => {
    const rows = productsOf(odd(kind));
    expect(rows).toHaveLength(200);
    expect(rows.every(isSo)).toBe(true);
  });

  it('with swapped corners run against each other, and those without geometry cannot be used', () => {
    const sound = productsOf(planVolume(PERIOD, { ...OPTIONS, images: 200 }));
    productsOf(odd('swapped-corners')).forEach(({ corners }, n) => {
      const { upperLeft, upperRight, lowerLeft, lowerRight } = sound[n]!.corners;
      expect(corners).toEqual({ upperLeft: upperRight, upperRight: upperLeft, lowerLeft, lowerRight });
    });
    const rows = rowsOf(odd('no-geometry')).filter(({ kind }) => kind !== 'passed-over');
    expect(rows).toHaveLength(200);
    const whys = rows.map((row) => (row.kind === 'product' ? row.doubt?.code : row.kind));
    expect(new Set(whys)).toEqual(new Set(['no_geometry']));
  });

  it('come in about the share that was asked for, the rest staying as it is', () => {
    const volume = planVolume(PERIOD, {
      ...OPTIONS,
      images: 4000,
      othersEvery: 50,
      odd: { night: 0.2, summed: 0.1 },
    });
    const sound = planVolume(PERIOD, { ...OPTIONS, images: 4000, othersEvery: 50 });
    const rows = productsOf(volume);
    const untouched = new Set(productsOf(sound).map(({ rowHash }) => rowHash));
    const share = (of: (row: Product) => boolean) => rows.filter(of).length / rows.length;
    expect(share(night)).toBeCloseTo(0.2, 1);
    expect(share(({ samples }) => samples === 2532)).toBeCloseTo(0.1, 1);
    expect(share(({ rowHash }) => untouched.has(rowHash))).toBeCloseTo(0.7, 1);
  });

  it('are refused when their shares come to more than all', () => {
    expect(() => checkShares({ night: 0.6, short: 0.5 })).toThrow(/from 0 to 1 that come to 1 at most/);
    expect(() => checkShares({ night: -0.1 })).toThrow(/from 0 to 1/);
    expect(() => checkShares(Object.fromEntries(ODD_KINDS.map((kind) => [kind, 0.1])))).not.toThrow();
  });
});

describe('an archive that makes products anew', () => {
  it('gives their rows another version and their files other bytes, and leaves the others as they were', async () => {
    const replica = await testReplica();
    const volume = replica.volumes[0]!;
    const { image, label, indexLabel } = archiveUrls(replica);
    const before = productsOf(volume);
    const headers = async (url: string) => {
      const response = await fetch(url);
      const body = Buffer.from(await response.arrayBuffer());
      return { etag: response.headers.get('etag'), modified: response.headers.get('last-modified')!, body };
    };
    const old = await Promise.all([image, label, indexLabel].map(headers));
    const id = volume.products[0]!.productId;
    replica.reissue(volume.volumeId, [id]);
    const fresh = await Promise.all([image, label, indexLabel].map(headers));
    fresh.forEach(({ etag, modified }, n) => {
      expect(etag).not.toBe(old[n]!.etag);
      expect(Date.parse(modified)).toBeGreaterThan(Date.parse(old[n]!.modified));
    });
    const md5 = createHash('md5').update(fresh[0]!.body).digest('hex');
    expect(fresh[1]!.body.toString()).toContain(`<md5_checksum>${md5}</md5_checksum>`);
    const after = productsOf(volume);
    expect(after.map(({ productId }) => productId)).toEqual(before.map(({ productId }) => productId));
    after.forEach((row, n) => {
      if (row.productId === id) expect([before[n]!.version, row.version]).toEqual(['v1.9', 'v1.10']);
      else expect(row).toEqual(before[n]);
    });
    expect(await replica.truth()).toHaveLength(20);
  });

  it('does so when it is asked by POST, and says what it does not have', async () => {
    const replica = await testReplica();
    const { volumeId, products } = replica.volumes[0]!;
    const post = async (path: string) => {
      const response = await fetch(`${replica.address}${path}`, { method: 'POST' });
      return [response.status, await response.json()];
    };
    const id = products[1]!.productId;
    expect(await post(`reissue?volume=${volumeId}&product=${id}`)).toEqual([200, { reissued: [id] }]);
    expect(productsOf(replica.volumes[0]!).find(({ productId }) => productId === id)!.version).toBe('v1.10');
    for (const [path, message] of [
      [`reissue?volume=${volumeId}&product=M1LC`, `${volumeId} of the replica has no product M1LC.`],
      ['late?volume=LROLRC_1001', 'The replica has released no volume LROLRC_1001.'],
      ['late', '/late: give volume=… in the query.'],
      [`late?volume=${volumeId}&count=0`, '/late: count is a whole number from 1 to 1000.'],
    ]) {
      expect(await post(path!)).toEqual([400, { error: message }]);
    }
  });

  it('adds late products to an old volume, in their place by id, with pictures of their own', async () => {
    const replica = await testReplica({ volumes: 2 });
    const [old] = replica.volumes;
    expect(old!.volumeId).toBe('LROLRC_1066C');
    const before = productsOf(old!).map(({ productId }) => productId);
    const added = replica.addLate(old!.volumeId, 3);
    const after = productsOf(old!).map(({ productId }) => productId);
    expect(after).toEqual([...before, ...added].sort());
    for (const id of added) {
      const { fileSpecification } = productsOf(old!).find(({ productId }) => productId === id)!;
      const [set, volume, , , day] = fileSpecification.split('/');
      const picture = `${replica.address}${set}/${volume}/EXTRAS/BROWSE/${day}/${id}_pyr.tif`;
      expect((await fetch(picture)).status).toBe(200);
    }
  });
});

describe('an archive of raw images', () => {
  it('has volumes numbered 1000 less, ids that end in E, and rows of 8 bits', async () => {
    const replica = await testReplica({ dataSet: 'edr' });
    const [volume] = replica.volumes;
    expect(volume!.volumeId).toBe('LROLRC_0067A');
    for (const { productId, dataSetId, fileSpecification } of productsOf(volume!)) {
      expect(productId).toMatch(/^M\d{10}[LR]E$/);
      expect(dataSetId).toBe('LRO-L-LROC-2-EDR-V1.0');
      expect(fileSpecification).toMatch(
        /^LRO-L-LROC-2-EDR-V1\.0\/LROLRC_0067A\/DATA\/ESM6\/\d{7}\/NAC\/M\w+E\.IMG$/,
      );
    }
    const { columns } = parseIndexLabel(volume!.label.body.toString('latin1'), 'label');
    const { start, bytes } = columns.get('SAMPLE_BITS')!;
    expect(volume!.table.body.toString('latin1', start, start + bytes).trim()).toBe('8');
    expect(replica.release()).toBe('LROLRC_0067B');
  });

  it('beside the calibrated ones shows the same frames in the same places', async () => {
    const replica = await testReplica({ dataSet: 'both' });
    const [cdr, edr] = replica.volumes;
    const place = ({ imageId, corners, startTime }: Product) => ({ imageId, corners, startTime });
    expect(productsOf(edr!).map(place)).toEqual(productsOf(cdr!).map(place));
    const pictures = replica.volumes.map(({ volumeId, dataSet, products }) => {
      const set = dataSet === 'cdr' ? 'LRO-L-LROC-3-CDR-V1.0' : 'LRO-L-LROC-2-EDR-V1.0';
      const { fileSpecification, productId } = productsOf(dataSet === 'cdr' ? cdr! : edr!)[0]!;
      expect(products[0]!.productId).toBe(productId);
      return `${replica.address}${set}/${volumeId}/EXTRAS/BROWSE/${fileSpecification.split('/')[4]}/${productId}_pyr.tif`;
    });
    const [a, b] = await Promise.all(pictures.map(async (url) => (await fetch(url)).headers.get('etag')));
    expect(a).toMatch(/^"\w{32}"$/);
    expect(b).toBe(a);
  });
});
