import { describe, expect, it } from 'vitest';
import { indexColumns } from '../../src/archive/index/index-columns.js';
import { parseIndexRecord } from '../../src/archive/index/index-record.js';
import { angleDeg } from '../../src/domain/sphere.js';
import { subSolarPoint } from '../../src/domain/sub-solar-point.js';
import { present, readData } from '../archive/support.js';

/** Places of the columns in a volume's records, as INDEX.LBL gives them. */
const columnsOf = (volumeId: string) =>
  new Map(
    indexColumns(volumeId).map(({ name, startByte, bytes }) => [name, { start: startByte - 1, bytes }]),
  );

describe.skipIf(!present('index/INDEX_901.TAB'))('the computed sub-solar point', () => {
  const products = ([901, 902] as const).flatMap((length) => {
    const table = readData(`index/INDEX_${length}.TAB`);
    return Array.from({ length: 4 }, (_, n) => {
      const row = parseIndexRecord(
        table.subarray(n * length, (n + 1) * length),
        columnsOf(length === 901 ? 'LROLRC_1003' : 'LROLRC_1038A'),
      );
      if (row.kind !== 'product') throw new Error(row.kind);
      return row.product;
    });
  });

  it('is that of eight real index rows of ten years within 0.04 degree', () => {
    expect(products).toHaveLength(8);
    for (const { startTime, subSolar } of products) {
      const computed = subSolarPoint(startTime);
      expect(angleDeg(computed, subSolar)).toBeLessThan(0.04);
      expect(Math.abs(computed.lat - subSolar.lat)).toBeLessThan(0.035);
    }
  });

  it('gives the incidence angle that the index states, within 0.05 degree', () => {
    for (const { startTime, center, incidenceDeg } of products) {
      expect(Math.abs(angleDeg(center, subSolarPoint(startTime)) - incidenceDeg)).toBeLessThan(0.05);
    }
  });
});

describe('the sub-solar point', () => {
  it('goes west once around the Moon in a synodic month, between 1.6 degrees north and south', () => {
    const start = Date.UTC(2026, 0, 1);
    const hours = Array.from({ length: 366 * 24 }, (_, n) => subSolarPoint(new Date(start + n * 3_600_000)));
    const turned = hours.slice(1).reduce((sum, { lon }, n) => {
      const step = hours[n]!.lon - lon;
      return sum + (step < -180 ? step + 360 : step);
    }, 0);
    expect((turned / (hours.length - 1)) * 29.530588 * 24).toBeCloseTo(360, 0);
    expect(Math.max(...hours.map(({ lat }) => lat))).toBeLessThan(1.6);
    expect(Math.min(...hours.map(({ lat }) => lat))).toBeGreaterThan(-1.6);
    expect(hours.every(({ lon }) => lon > -180 && lon <= 180)).toBe(true);
  });

  it('lies at the middle of the disc at full moon, at its back at new moon', () => {
    expect(Math.abs(subSolarPoint(new Date('2025-03-14T06:55:00Z')).lon)).toBeLessThan(8);
    expect(Math.abs(subSolarPoint(new Date('2024-04-08T18:21:00Z')).lon)).toBeGreaterThan(172);
  });
});
