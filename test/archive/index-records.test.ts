import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { browsePath } from '../../src/archive/archive-urls.js';
import type { ColumnSpan } from '../../src/archive/index-layout.js';
import { parseIndexRecord } from '../../src/archive/index-record.js';
import type { Product } from '../../src/domain/product.js';
import { present, readData } from './support.js';

interface ColumnRow {
  readonly name: string;
  readonly start_byte_901: number;
  readonly bytes_901: number;
  readonly start_byte_902: number;
  readonly bytes_902: number;
}

const REAL = present('index/INDEX_901.TAB');

function columnsFor(length: 901 | 902): Map<string, ColumnSpan> {
  const rows = JSON.parse(readData('index/INDEX_columns.json').toString()) as ColumnRow[];
  return new Map(
    rows.map((row) => [row.name, { start: row[`start_byte_${length}`] - 1, bytes: row[`bytes_${length}`] }]),
  );
}

function realRecords(length: 901 | 902): Buffer[] {
  const table = readData(`index/INDEX_${length}.TAB`);
  expect(table.length % length).toBe(0);
  return Array.from({ length: table.length / length }, (_, n) =>
    table.subarray(n * length, (n + 1) * length),
  );
}

function parsed(record: Uint8Array, columns: Map<string, ColumnSpan>): Product {
  const row = parseIndexRecord(record, columns);
  if (row.kind !== 'product') throw new Error(`${row.kind}: ${row.reason}`);
  return row.product;
}

/** Angle between two places on the sphere, degrees. */
function apart(a: { lon: number; lat: number }, b: { lon: number; lat: number }): number {
  const [x, y] = [a, b].map(({ lon, lat }) => {
    const [l, p] = [(lon * Math.PI) / 180, (lat * Math.PI) / 180];
    return [Math.cos(p) * Math.cos(l), Math.cos(p) * Math.sin(l), Math.sin(p)];
  });
  const dot = x!.reduce((sum, value, n) => sum + value * y![n]!, 0);
  return (Math.acos(dot) * 180) / Math.PI;
}

describe.skipIf(!REAL).each([901, 902] as const)('real records of %i bytes', (length) => {
  it('give what a slice by the column table gives', () => {
    const columns = columnsFor(length);
    const records = realRecords(length);
    expect(records).toHaveLength(4);
    for (const record of records) {
      const text = record.toString('latin1');
      const cut = (name: string) => {
        const { start, bytes } = columns.get(name)!;
        return text.slice(start, start + bytes).trim();
      };
      const east = (name: string) => ((Number(cut(name)) + 180) % 360) - 180;
      const place = (name: string) => ({
        lon: expect.closeTo(east(`${name}_LONGITUDE`), 9) as number,
        lat: Number(cut(`${name}_LATITUDE`)),
      });
      expect(parsed(record, columns)).toEqual({
        productId: cut('PRODUCT_ID'),
        version: 'v1.9',
        imageId: cut('PRODUCT_ID').replace(/C$/, ''),
        dataSetId: 'LRO-L-LROC-3-CDR-V1.0',
        volumeId: cut('VOLUME_ID'),
        fileSpecification: cut('FILE_SPECIFICATION_NAME'),
        frame: cut('NAC_FRAME_ID'),
        startTime: new Date(`${cut('START_TIME')} UTC`),
        stopTime: new Date(`${cut('STOP_TIME')} UTC`),
        orbit: Number(cut('ORBIT_NUMBER')),
        lines: Number(cut('IMAGE_LINES')),
        samples: 5064,
        pixelWidthM: Number(cut('SCALED_PIXEL_WIDTH')),
        pixelHeightM: Number(cut('SCALED_PIXEL_HEIGHT')),
        resolutionM: Number(cut('RESOLUTION')),
        incidenceDeg: Number(cut('INCIDENCE_ANGLE')),
        emissionDeg: Number(cut('EMISSION_ANGLE')),
        phaseDeg: Number(cut('PHASE_ANGLE')),
        subSolar: place('SUB_SOLAR'),
        northAzimuthDeg: Number(cut('NORTH_AZIMUTH')),
        subSolarAzimuthDeg: Number(cut('SUB_SOLAR_AZIMUTH')),
        center: place('CENTER'),
        corners: {
          upperLeft: place('UPPER_LEFT'),
          upperRight: place('UPPER_RIGHT'),
          lowerRight: place('LOWER_RIGHT'),
          lowerLeft: place('LOWER_LEFT'),
        },
        spacecraftAltitudeKm: Number(cut('SPACECRAFT_ALTITUDE')),
        flightDirection: cut('LRO_FLIGHT_DIRECTION'),
        dataQuality: 0,
        rowHash: createHash('sha256').update(record).digest('hex'),
      });
    }
  });

  it('agree with themselves: incidence is the angle between centre and sub-solar point', () => {
    for (const record of realRecords(length)) {
      const product = parsed(record, columnsFor(length));
      expect(apart(product.center, product.subSolar)).toBeCloseTo(product.incidenceDeg, 1);
    }
  });

  it('change their hash with any byte', () => {
    const [record] = realRecords(length);
    const other = Buffer.from(record!);
    other[length - 10] = 0x39;
    expect(parsed(other, columnsFor(length)).rowHash).not.toBe(parsed(record!, columnsFor(length)).rowHash);
  });
});

describe.skipIf(!REAL)('one known record', () => {
  const record = () => realRecords(901)[0]!;
  const columns = () => columnsFor(901);
  const set = (name: string, value: string): Buffer => {
    const { start, bytes } = columns().get(name)!;
    const copy = Buffer.from(record());
    copy.write(value.padStart(bytes), start, 'latin1');
    return copy;
  };

  it('gives its numbers as they are printed', () => {
    expect(parsed(record(), columns())).toMatchObject({
      productId: 'M124423514LC',
      imageId: 'M124423514L',
      startTime: new Date('2010-03-28T13:50:47.998Z'),
      lines: 52224,
      resolutionM: 0.491,
      corners: {
        upperRight: { lat: 19.04, lon: 22.09 },
        lowerRight: { lat: 19.98, lon: 22.08 },
        lowerLeft: { lat: 19.98, lon: 22.01 },
        upperLeft: { lat: 19.03, lon: 22.02 },
      },
      flightDirection: '+X',
    });
  });

  it('leads to its picture', () => {
    expect(browsePath(parsed(record(), columns()))).toBe(
      'LRO-L-LROC-3-CDR-V1.0/LROLRC_1003/EXTRAS/BROWSE/2010087/M124423514LC_pyr',
    );
  });

  it('has longitudes of 0-360 turned to -180..180', () => {
    expect(parsed(set('SUB_SOLAR_LONGITUDE', '311.28'), columns()).subSolar.lon).toBeCloseTo(-48.72, 9);
    expect(parsed(set('SUB_SOLAR_LONGITUDE', '180.00'), columns()).subSolar.lon).toBe(180);
  });

  it.each([
    ['INCIDENCE_ANGLE', '999.99'],
    ['EMISSION_ANGLE', '99.99'],
    ['UPPER_LEFT_LATITUDE', '999.99'],
    ['CENTER_LONGITUDE', '999.99'],
    ['RESOLUTION', '0.000'],
    ['IMAGE_LINES', '999999'],
    ['START_TIME', 'N/A'],
    ['NAC_FRAME_ID', 'N/A'],
    ['SCALED_PIXEL_WIDTH', ''],
  ])('is not usable when %s is "%s"', (name, value) => {
    expect(parseIndexRecord(set(name, value), columns())).toEqual({
      kind: 'invalid',
      productId: 'M124423514LC',
      reason: name,
    });
  });

  it('is not usable when its path would lead elsewhere', () => {
    const path = set('FILE_SPECIFICATION_NAME', '../../etc/2010087/NAC/M124423514LC.IMG');
    expect(parseIndexRecord(path, columns())).toMatchObject({ kind: 'invalid' });
  });

  it.each([
    ['M124423514MC', 'wide-angle'],
    ['C124423514LC', 'calibration'],
    ['S124423514LC', 'star'],
    ['E124423514LC', 'earth'],
    ['nac00001', 'other'],
  ])('is passed over as %s: %s', (id, reason) => {
    expect(parseIndexRecord(set('PRODUCT_ID', id), columns())).toEqual({ kind: 'passed-over', reason });
  });

  it('is passed over when it shows another body', () => {
    expect(parseIndexRecord(set('TARGET_NAME', 'EARTH'), columns())).toMatchObject({ kind: 'passed-over' });
  });
});
