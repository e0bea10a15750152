import { describe, expect, it } from 'vitest';
import { browsePath } from '../../src/archive/archive-urls.js';
import type { ColumnSpan } from '../../src/archive/index/index-layout.js';
import { parseIndexRecord } from '../../src/archive/index/index-record.js';
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
        rowHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      });
    }
  });

  it('agree with themselves: incidence is the angle between centre and sub-solar point', () => {
    for (const record of realRecords(length)) {
      const product = parsed(record, columnsFor(length));
      expect(apart(product.center, product.subSolar)).toBeCloseTo(product.incidenceDeg, 1);
    }
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
    ['START_TIME', 'N/A'],
    ['STOP_TIME', ''],
    ['NAC_FRAME_ID', 'N/A'],
    ['PRODUCT_VERSION_ID', 'N/A'],
    ['VOLUME_ID', ''],
  ])('is no product when %s is "%s"', (name, value) => {
    expect(parseIndexRecord(set(name, value), columns())).toEqual({
      kind: 'invalid',
      productId: 'M124423514LC',
      reason: name,
    });
  });

  it.each([
    ['INCIDENCE_ANGLE', '999.99', 'incidenceDeg'],
    ['EMISSION_ANGLE', '99.99', 'emissionDeg'],
    ['RESOLUTION', '0.000', 'resolutionM'],
    ['RESOLUTION', '999.999', 'resolutionM'],
    ['IMAGE_LINES', '999999', 'lines'],
    ['SCALED_PIXEL_WIDTH', '', 'pixelWidthM'],
    ['SCALED_PIXEL_HEIGHT', '0.00', 'pixelHeightM'],
  ] as const)('is a product that cannot be placed when %s is "%s"', (name, value, field) => {
    const row = parseIndexRecord(set(name, value), columns());
    expect(row).toMatchObject({
      kind: 'product',
      product: { productId: 'M124423514LC', [field]: NaN },
      doubt: {
        code: 'no_geometry',
        reason: `Its index row gives no usable ${name}, so the image cannot be placed.`,
        skips: true,
      },
    });
  });

  it('tells how many columns are missing where the whole geometry is', () => {
    const bare = columns();
    const copy = Buffer.from(record());
    for (const [name, { start, bytes }] of bare)
      if (/(LATITUDE|LONGITUDE)$/.test(name)) copy.write('999.99'.padStart(bytes), start, 'latin1');
    const row = parseIndexRecord(copy, bare);
    expect(row).toMatchObject({
      product: { center: { lon: NaN, lat: NaN }, corners: { lowerLeft: { lon: NaN, lat: NaN } } },
      doubt: {
        code: 'no_geometry',
        reason:
          'Its index row gives no usable SUB_SOLAR_LONGITUDE and 11 more columns, so the image cannot be placed.',
      },
    });
  });

  it.each(['ORBIT_NUMBER', 'PHASE_ANGLE', 'NORTH_AZIMUTH', 'DATA_QUALITY_ID', 'SPACECRAFT_ALTITUDE'])(
    'does without %s',
    (name) => {
      const { bytes } = columns().get(name)!;
      const row = parseIndexRecord(set(name, '9'.repeat(bytes)), columns());
      expect(row).toMatchObject({ kind: 'product', doubt: null });
    },
  );

  it.each([
    ['18.04', null],
    ['17.96', null],
    ['18.07', 'incidence_mismatch'],
    ['17.93', 'incidence_mismatch'],
    ['108.00', 'incidence_mismatch'],
  ])('with an incidence of %s has the doubt %s', (value, code) => {
    const row = parseIndexRecord(set('INCIDENCE_ANGLE', value), columns());
    expect(row.kind === 'product' && (row.doubt?.code ?? null)).toBe(code);
  });

  it('keeps its hash when it only moved or was laid out anew, and changes it with what a scan depends on', () => {
    const { rowHash } = parsed(record(), columns());
    const same: [string, string][] = [
      ['VOLUME_ID', 'LROLRC_1004'],
      ['FILE_SPECIFICATION_NAME', 'LRO-L-LROC-3-CDR-V1.0/LROLRC_1004/DATA/SCI/2010087/NAC/M124423514LC.IMG'],
      ['RATIONALE_DESC', 'ANOTHER TARGET'],
      ['NAC_TEMPERATURE_FPA', '22.410'],
    ];
    for (const [name, value] of same) expect(parsed(set(name, value), columns()).rowHash).toBe(rowHash);
    const left = Buffer.from(record());
    const { start, bytes } = columns().get('PRODUCT_VERSION_ID')!;
    left.write('v1.9'.padEnd(bytes), start, 'latin1');
    expect(parsed(left, columns()).rowHash).toBe(rowHash);
    const other: [string, string][] = [
      ['PRODUCT_VERSION_ID', 'v2.0'],
      ['UPPER_LEFT_LATITUDE', '19.04'],
      ['DATA_QUALITY_ID', '16'],
      ['EMISSION_ANGLE', '1.70'],
      ['STOP_TIME', '2010-03-28 13:51:05.709'],
    ];
    for (const [name, value] of other) expect(parsed(set(name, value), columns()).rowHash).not.toBe(rowHash);
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
