import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseIndexLabel } from '../../src/archive/index/index-layout.js';
import { parseIndexRecord } from '../../src/archive/index/index-record.js';
import { indexColumns, type IndexColumnName } from '../../src/archive/index/index-columns.js';
import { formatRecord, type IndexRow } from '../../src/replica/index-record.js';
import { clockSeconds, idNumber } from '../../src/replica/planned-product.js';
import { planVolume } from '../../src/replica/volume.js';
import { volumePeriod } from '../../src/replica/volume-period.js';
import { present, readData } from '../archive/support.js';

const options = { seed: 3, images: 8, lines: 4096, samples: 5064 };
const VOLUMES = [
  ['LROLRC_1034', 901],
  ['LROLRC_1067A', 902],
] as const;

describe.skipIf(!present('index/INDEX_columns.json')).each(VOLUMES)(
  'the columns of %s',
  (volumeId, length) => {
    it(`lie where real records of ${length} bytes have them`, () => {
      const rows = JSON.parse(readData('index/INDEX_columns.json').toString()) as Record<string, unknown>[];
      expect(
        indexColumns(volumeId).map(({ name, startByte, bytes, quoted }) => ({
          name,
          startByte,
          bytes,
          quoted,
        })),
      ).toEqual(
        rows.map((row) => ({
          name: row['name'],
          startByte: row[`start_byte_${length}`],
          bytes: row[`bytes_${length}`],
          quoted: row['quoted'],
        })),
      );
    });

    it('print real records byte for byte from their values', () => {
      const columns = indexColumns(volumeId);
      const table = readData(`index/INDEX_${length}.TAB`).toString('latin1');
      for (let at = 0; at < table.length; at += length) {
        const record = table.slice(at, at + length);
        const values = columns.map(({ name, startByte, bytes, decimals }) => {
          const text = record.slice(startByte - 1, startByte - 1 + bytes).trim();
          return [name, decimals === null || /^9+\.?9*$/.test(text) ? text : Number(text)] as const;
        });
        const row = Object.fromEntries(values) as Record<IndexColumnName, string | number> satisfies IndexRow;
        expect(formatRecord(row, volumeId)).toBe(record);
      }
    });
  },
);

describe.each(VOLUMES)('the index of %s', (volumeId, length) => {
  const volume = planVolume(volumePeriod(volumeId), options);
  const layout = parseIndexLabel(volume.label.body.toString('latin1'), 'label');
  const records = Array.from({ length: volume.table.body.length / length }, (_, n) =>
    volume.table.body.subarray(n * length, (n + 1) * length),
  );
  const parsed = records.flatMap((record) => {
    const row = parseIndexRecord(record, layout.columns);
    return row.kind === 'product' ? [row.product] : [];
  });

  it('has a label that tells its records and its MD5', () => {
    expect(layout).toMatchObject({
      recordBytes: length,
      rows: records.length,
      md5: createHash('md5').update(volume.table.body).digest('hex'),
    });
    expect(layout.columns.size).toBe(83);
    expect(volume.label.body.length).toBeGreaterThan(20_000);
  });

  it('has whole records that end in CR LF, in the order of their product ids', () => {
    const ids = records.map((record) => {
      expect(record.subarray(length - 2).toString()).toBe('\r\n');
      const { start, bytes } = layout.columns.get('PRODUCT_ID')!;
      return record.subarray(start, start + bytes).toString();
    });
    expect(ids).toEqual([...ids].sort());
    expect(ids.filter((id) => id.endsWith('MC'))).toHaveLength(8);
  });

  it('reads back as what was planned', () => {
    expect(parsed).toHaveLength(8);
    for (const planned of volume.products) {
      const { geometry } = planned.look.strip;
      const { upperLeft } = planned.look.strip.corners();
      const product = parsed.find(({ productId }) => productId === planned.productId)!;
      expect(product).toMatchObject({
        volumeId,
        frame: planned.frame,
        startTime: planned.startTime,
        stopTime: planned.stopTime,
        lines: 4096,
        samples: 5064,
        pixelWidthM: geometry.pixelAcrossM,
        pixelHeightM: geometry.pixelAlongM,
      });
      expect(Math.abs(product.corners.upperLeft.lat - upperLeft.lat)).toBeLessThanOrEqual(0.005 + 1e-9);
      expect(Math.abs(product.corners.upperLeft.lon - upperLeft.lon) % 360).toBeLessThanOrEqual(0.005 + 1e-9);
      expect(product.incidenceDeg).toBeCloseTo(planned.look.incidenceDeg, 1);
      expect(product.phaseDeg).toBeGreaterThan(product.incidenceDeg - product.emissionDeg - 0.02);
      expect(product.phaseDeg).toBeLessThan(product.incidenceDeg + product.emissionDeg + 0.02);
    }
  });

  it('has images of its own months only, with ids that follow their times', () => {
    const { from, to } = volume.period;
    const times = volume.products.map(({ startTime }) => startTime.getTime());
    expect(Math.min(...times)).toBeGreaterThanOrEqual(from.getTime());
    expect(Math.max(...times)).toBeLessThan(to.getTime());
    expect(volume.products.map(({ productId }) => productId)).toEqual(
      parsed.map(({ productId }) => productId),
    );
  });

  it('has half smooth and half rugged terrain, both with all four flips', () => {
    for (const terrain of ['smooth', 'rugged']) {
      const flips = volume.products
        .filter(({ scene }) => scene.terrain === terrain)
        .map(
          ({ look }) =>
            `${Math.cos((look.strip.geometry.headingDeg * Math.PI) / 180) > 0} ${look.strip.geometry.mirrored}`,
        );
      expect(flips).toHaveLength(4);
      expect(new Set(flips).size).toBe(4);
    }
  });

  it('is the same for the same seed, and another for another one', () => {
    const period = volumePeriod(volumeId);
    expect(planVolume(period, options).table.md5).toBe(volume.table.md5);
    expect(planVolume(period, { ...options, seed: 4 }).table.md5).not.toBe(volume.table.md5);
  });
});

describe('the id of a real record', () => {
  it.skipIf(!present('index/INDEX_902.TAB'))('follows from its start time as the replica makes it', () => {
    for (const length of [901, 902] as const) {
      const text = readData(`index/INDEX_${length}.TAB`).toString('latin1');
      for (const line of text.split('\r\n').filter(Boolean)) {
        const times = [...line.matchAll(/" (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3})"/g)].map(
          ([, time]) => time,
        );
        const clock = clockSeconds(new Date(`${times[1]} UTC`));
        const id = Number(/"\s*M(\d+)[LR]C"/.exec(line)![1]);
        expect(Math.abs(idNumber(clock) - id)).toBeLessThanOrEqual(1);
      }
    }
  });
});
