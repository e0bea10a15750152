import { describe, expect, it } from 'vitest';
import { indexColumns } from '../../src/archive/index/index-columns.js';
import type { ColumnSpan } from '../../src/archive/index/index-layout.js';
import { parseIndexRecord, type IndexRow } from '../../src/archive/index/index-record.js';
import { filesOf } from '../../src/archive/ode/ode-files.js';
import { parseProduct } from '../../src/archive/ode/ode-product.js';
import { parseRecord } from '../../src/archive/ode/ode-record.js';
import type { Product } from '../../src/domain/product.js';
import { odeRecord, type Json } from './ode-server.js';
import { present, readData } from './support.js';

function productOf(row: IndexRow): Product {
  if (row.kind !== 'product') throw new Error(`${row.kind}: ${row.reason}`);
  return row.product;
}

const parsed = (record: unknown) => productOf(parseProduct(record, 'cdr'));
const reasonOf = (record: unknown) => {
  const row = parseProduct(record, 'cdr');
  if (row.kind !== 'product') return `${row.kind}: ${row.reason}`;
  return row.doubt === null ? null : `doubt: ${row.doubt.code}`;
};
const record = (change: Json = {}): Json => ({ ...odeRecord(1271742202), ...change });
const imageAt = (URL: string): Json => ({
  Product_files: { Product_file: [{ FileName: 'M1271742202LC.IMG', Type: 'Product', URL }] },
});

describe('a product of ODE', () => {
  it('has what ODE tells, and says of the rest that it is not told', () => {
    expect(parsed(record({ Start_orbit_number: '38731', Phase_angle: '31.37' }))).toMatchObject({
      productId: 'M1271742202LC',
      imageId: 'M1271742202L',
      version: 'created 2026-05-01T00:00:00.000',
      dataSetId: 'LRO-L-LROC-3-CDR-V1.0',
      volumeId: 'LROLRC_1067A',
      fileSpecification: 'LRO-L-LROC-3-CDR-V1.0/LROLRC_1067A/DATA/ESM6/2026091/NAC/M1271742202LC.IMG',
      frame: 'LEFT',
      startTime: new Date('2026-04-01T10:00:00Z'),
      orbit: 38731,
      lines: NaN,
      samples: NaN,
      resolutionM: 0.93,
      phaseDeg: 31.37,
      northAzimuthDeg: NaN,
      dataQuality: NaN,
      flightDirection: '',
      center: { lon: 22.05, lat: 20.23 },
      corners: {
        upperRight: { lon: 21.93, lat: 19.4 },
        lowerRight: { lon: 22.02, lat: 21.07 },
        lowerLeft: { lon: 22.19, lat: 21.06 },
        upperLeft: { lon: 22.08, lat: 19.39 },
      },
    });
  });

  it.each([
    'https://pds.lroc.im-ldi.com/data/LRO-L-LROC-3-CDR-V1.0/LROLRC_1034/DATA/ESM3/2018028/NAC/M1271742202LC.IMG',
    'https://pds.mcp.nasa.gov/data/store/img/lunar_reconnaissance_orbiter/pds4/lroc/lro-l-lroc-3-cdr/LROLRC_1034/DATA/ESM3/2018028/NAC/M1271742202LC.IMG',
    'http://lroc.sese.asu.edu/data/lro-l-lroc-3-cdr-v1.0/lrolrc_1034/data/esm3/2018028/nac/m1271742202lc.img',
    '//pds.lroc.asu.edu/data/LRO-L-LROC-3-CDR-V1.0//LROLRC_1034/DATA/ESM3/2018028/NAC/M1271742202LC.IMG',
  ])('lies at its FILE_SPECIFICATION_NAME wherever the host has its root: %s', (url) => {
    expect(parsed(record(imageAt(url)))).toMatchObject({
      volumeId: 'LROLRC_1034',
      fileSpecification: 'LRO-L-LROC-3-CDR-V1.0/LROLRC_1034/DATA/ESM3/2018028/NAC/M1271742202LC.IMG',
    });
  });

  it('lies by its volume and path where no file is listed, also with backslashes', () => {
    const path = { PDSVolume_Id: 'LROLRC_1034', RelativePathtoVol: 'data\\esm3\\2018028\\nac\\' };
    expect(parsed(record({ ...path, Product_files: '' })).fileSpecification).toBe(
      'LRO-L-LROC-3-CDR-V1.0/LROLRC_1034/DATA/ESM3/2018028/NAC/M1271742202LC.IMG',
    );
  });

  it('has its two .xml files told apart, and no derived file taken for its own', () => {
    const file = (FileName: string, Type: string, URL: string): Json => ({ FileName, Type, URL });
    const listed = parseRecord({
      ...record(),
      Product_files: {
        Product_file: [
          file('M1271742202LC.IMG', 'Derived', 'kml'),
          file('M1271742202LC_pyr.xml', 'Browse', 'browse label'),
          file('m1271742202lc.xml', 'Product', 'label'),
          file('M1271742202LC.IMG', 'Product', 'image'),
          file('M1271742202LC_pyr.tif', 'Browse', 'browse'),
          file('M1271742202LC_hst.xml', 'Derived', 'histogram'),
        ],
      },
    })!;
    const { image, label } = filesOf(listed, 'M1271742202LC');
    expect([image?.URL, label?.URL]).toEqual(['image', 'label']);
  });

  it('lies beside its label where the image is not listed', () => {
    const root = 'https://host/data/LRO-L-LROC-3-CDR-V1.0/LROLRC_1034';
    const files = [
      {
        FileName: 'M1271742202LC_pyr.xml',
        Type: 'Browse',
        URL: `${root}/EXTRAS/BROWSE/2018028/M1271742202LC_pyr.xml`,
      },
      {
        FileName: 'M1271742202LC.xml',
        Type: 'Product',
        URL: `${root}/DATA/ESM3/2018028/NAC/M1271742202LC.xml`,
      },
    ];
    const { fileSpecification } = parsed(record({ Product_files: { Product_file: files } }));
    expect(fileSpecification).toBe(
      'LRO-L-LROC-3-CDR-V1.0/LROLRC_1034/DATA/ESM3/2018028/NAC/M1271742202LC.IMG',
    );
  });

  it('has the corners of the geometry that is not split, where C0 is', () => {
    const split =
      'GEOMETRYCOLLECTION (POLYGON ((180 1, 179.9 2, 180 3, 180 1)), POLYGON ((-180 1, -179.9 2, -180 3, -180 1)))';
    const whole = 'POLYGON ((179.93 19.4, 179.98 21.07, 180.19 21.06, 180.08 19.39, 179.93 19.4))';
    const { corners } = parsed(record({ Footprint_C0_geometry: split, Footprint_GL_geometry: whole }));
    expect(corners.lowerLeft).toEqual({ lon: expect.closeTo(-179.81, 9) as number, lat: 21.06 });
    expect(corners.lowerRight).toEqual({ lon: 179.98, lat: 21.07 });
  });

  it.each([
    ['is split', 'MULTIPOLYGON (((1 1, 2 1, 2 2, 1 2, 1 1)))'],
    ['is empty', 'MULTIPOLYGON EMPTY'],
    ['is filled up at a pole', 'POLYGON ((0 88, 90 89, 90 90, 0 90, 0 88.5, 0 88))'],
    ['is not closed', 'POLYGON ((21.93 19.4, 22.02 21.07, 22.19 21.06, 22.08 19.39, 21.93 19.5))'],
    ['lies off the Moon', 'POLYGON ((21.93 99.4, 22.02 21.07, 22.19 21.06, 22.08 19.39, 21.93 99.4))'],
    ['is in metres', 'POLYGON ((-4200.5 1300, -4100 1300, -4100 9900, -4200 9900, -4200.5 1300))'],
    ['is not told', ''],
  ])('has no corners where its footprint %s', (_, wkt) => {
    expect(reasonOf(record({ Footprint_C0_geometry: wkt }))).toBe('invalid: footprint');
  });

  it('agrees with the Sun: an incidence angle of another place or time is not believed', () => {
    const { Incidence_angle } = record();
    const shifted = (by: number) => record({ Incidence_angle: String(Number(Incidence_angle) + by) });
    expect(reasonOf(shifted(0.06))).toBeNull();
    expect(reasonOf(shifted(0.2))).toBe('doubt: incidence_mismatch');
    expect(reasonOf(record({ UTC_start_time: '2026-04-01T12:00:00.000' }))).toBe('doubt: incidence_mismatch');
  });

  it.each([
    ['pdsid', { pdsid: '' }],
    [
      'pdsid',
      { pdsid: 'nac.m1271742202le', Product_files: '', RelativePathtoVol: 'data\\esm3\\2018028\\nac' },
    ],
    ['record', { Center_latitude: { nested: 'x' } }],
    ['Product_files', { Product_files: '', RelativePathtoVol: '' }],
    ['Product_files', imageAt('https://host/LROLRC_1034/DATA/../../x/NAC/M1271742202LC.IMG')],
    ['Incidence_angle', { Incidence_angle: '' }],
    ['Incidence_angle', { Incidence_angle: '999.99' }],
    ['Emission_angle', { Emission_angle: 'N/A' }],
    ['Map_resolution', { Map_resolution: '0.000' }],
    ['Center_latitude', { Center_latitude: '' }],
    ['UTC_stop_time', { UTC_stop_time: '9999' }],
  ] as [string, Json][])('is not usable without %s: %o', (reason, change) => {
    expect(reasonOf(record(change))).toBe(`invalid: ${reason}`);
  });

  it.each([
    ['nac.c1271742202lc', 'calibration'],
    ['nac.s1271742202lc', 'star'],
    ['nac.e1271742202lc', 'earth'],
    ['wac.m1271742202mc', 'wide-angle'],
    ['nac00001', 'other'],
  ])('is passed over as %s: %s', (pdsid, kind) => {
    expect(reasonOf(record({ pdsid }))).toBe(`passed-over: ${kind}`);
  });

  it('is passed over when it shows another body', () => {
    expect(reasonOf(record({ Target_name: 'EARTH' }))).toBe('passed-over: other target');
  });

  it('is the same under the id without prefix, and has the version that ODE tells', () => {
    expect(parsed(record({ pdsid: 'M1271742202LC', Product_version_id: 'v1.9' })).version).toBe('v1.9');
  });

  it('changes its hash with what the archive tells of it, not with how it was asked or listed', () => {
    const hash = (change: Json = {}) => parsed(record(change)).rowHash;
    const reversed = Object.fromEntries(Object.entries(record()).reverse());
    expect(parsed(reversed).rowHash).toBe(hash());
    expect(hash({ ode_id: '77', FilesURL: 'elsewhere', Comment: 'new' })).toBe(hash());
    expect(hash({ Product_creation_time: '2026-06-01T00:00:00.000' })).not.toBe(hash());
    expect(hash({ Emission_angle: '1.71' })).not.toBe(hash());
  });
});

describe.skipIf(!present('index/INDEX_901.TAB')).each([901, 902])(
  'a real index row of %i bytes',
  (length) => {
    const rows = () => {
      const table = readData(`index/INDEX_${length}.TAB`);
      return Array.from({ length: 4 }, (_, n) => table.subarray(n * length, (n + 1) * length));
    };
    const columns = new Map<string, ColumnSpan>(
      indexColumns(length === 901 ? 'LROLRC_1003' : 'LROLRC_1038A').map(({ name, startByte, bytes }) => [
        name,
        { start: startByte - 1, bytes },
      ]),
    );

    /** The record that ODE would make of it. */
    function odeOf(row: Buffer): Json {
      const { start } = { start: (name: string) => columns.get(name)! };
      const cut = (name: string) => {
        const span = start(name);
        return row.toString('latin1', span.start, span.start + span.bytes).trim();
      };
      const corner = (name: string) => `${cut(`${name}_LONGITUDE`)} ${cut(`${name}_LATITUDE`)}`;
      const ring = ['UPPER_RIGHT', 'LOWER_RIGHT', 'LOWER_LEFT', 'UPPER_LEFT', 'UPPER_RIGHT'].map(corner);
      const path = cut('FILE_SPECIFICATION_NAME').split('/').slice(2, -1).join('\\').toLowerCase();
      return {
        pdsid: `nac.${cut('PRODUCT_ID').toLowerCase()}`,
        Target_name: 'MOON',
        PDSVolume_Id: cut('VOLUME_ID'),
        RelativePathtoVol: `${path}\\`,
        Product_version_id: cut('PRODUCT_VERSION_ID'),
        UTC_start_time: cut('START_TIME').replace(' ', 'T'),
        UTC_stop_time: cut('STOP_TIME').replace(' ', 'T'),
        Start_orbit_number: cut('ORBIT_NUMBER'),
        Center_latitude: cut('CENTER_LATITUDE'),
        Center_longitude: cut('CENTER_LONGITUDE'),
        Incidence_angle: cut('INCIDENCE_ANGLE'),
        Emission_angle: cut('EMISSION_ANGLE'),
        Phase_angle: cut('PHASE_ANGLE'),
        Map_resolution: cut('RESOLUTION'),
        Footprint_GL_geometry: `POLYGON ((${ring.join(', ')}))`,
      };
    }

    it('is the same product by the fields that ODE makes of it', () => {
      for (const row of rows()) {
        const indexed = productOf(parseIndexRecord(row, columns));
        const { subSolar, rowHash, ...told } = parsed(odeOf(row));
        expect(rowHash).toMatch(/^[0-9a-f]{64}$/);
        expect(Math.abs(subSolar.lat - indexed.subSolar.lat)).toBeLessThan(0.05);
        for (const [name, value] of Object.entries(told)) {
          const missing = value === '' || Number.isNaN(value);
          expect(missing ? null : [name, value]).toEqual(
            missing ? null : [name, indexed[name as keyof Product]],
          );
        }
      }
    });

    it('is taken whole from the notes, where it stands there byte for byte', () => {
      for (const row of rows()) {
        const text = row.toString('latin1').trimEnd();
        const notes = (note: string): Json => ({
          ...odeOf(row),
          ODE_notes: { ODE_note: ['NOTE: Product Type set by ODE', 'NOTE: Index Record:', note] },
        });
        expect(parsed(notes(text))).toEqual(productOf(parseIndexRecord(row, columns)));
        const squeezed = parsed(notes(text.replace(/ {2,}/g, ' ')));
        expect(squeezed.lines).toBeNaN();
        const shifted = parsed(notes(`${text.replace('" MOON"', '"MOON"')} `));
        expect(shifted.lines).toBeNaN();
      }
    });
  },
);
