import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIndexLabel } from '../../src/archive/index/index-layout.js';
import { emptyCounts, readIndexTable } from '../../src/archive/index/index-table.js';
import { doubtOf } from '../../src/archive/index/row-doubt.js';
import type { Corners, LonLat } from '../../src/domain/geometry.js';
import type { Product } from '../../src/domain/product.js';
import { GroundStrip } from '../../src/replica/ground-strip.js';
import { angularDistance } from '../../src/replica/sphere.js';
import { planVolume } from '../../src/replica/volume.js';
import { volumePeriod } from '../../src/replica/volume-period.js';
import { all, product } from './support.js';

const rounded = ({ lon, lat }: LonLat): LonLat => ({
  lon: Math.round(lon * 100) / 100,
  lat: Math.round(lat * 100) / 100,
});

interface Shape {
  readonly center: LonLat;
  readonly subSolar: LonLat;
  readonly headingDeg: number;
  readonly mirrored: boolean;
  readonly lines: number;
  readonly pixelM: number;
}

/** A row of an image that lies so, with its places and angles rounded as the archive's are. */
function row({ center, subSolar, headingDeg, mirrored, lines, pixelM }: Shape): Product {
  const pixels = { lines, samples: 5064, pixelAcrossM: pixelM, pixelAlongM: pixelM };
  const { upperLeft, upperRight, lowerRight, lowerLeft } = new GroundStrip({
    center,
    headingDeg,
    mirrored,
    ...pixels,
  }).corners();
  return product({
    center: rounded(center),
    subSolar: rounded(subSolar),
    incidenceDeg: Math.round(angularDistance(center, subSolar) * 100) / 100,
    corners: {
      upperLeft: rounded(upperLeft),
      upperRight: rounded(upperRight),
      lowerRight: rounded(lowerRight),
      lowerLeft: rounded(lowerLeft),
    },
    lines,
    samples: 5064,
    pixelWidthM: pixelM,
    pixelHeightM: pixelM,
    flightDirection: mirrored ? '+X' : '-X',
  });
}

const double = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const shape: fc.Arbitrary<Shape> = fc.record({
  center: fc.record({ lon: double(-180, 180), lat: double(-89.9, 89.9) }),
  subSolar: fc.record({ lon: double(-180, 180), lat: double(-1.6, 1.6) }),
  headingDeg: double(0, 360),
  mirrored: fc.boolean(),
  lines: fc.integer({ min: 100, max: 52_224 }),
  pixelM: double(0.4, 2),
});

const plain: Shape = {
  center: { lon: 22, lat: 20 },
  subSolar: { lon: -30, lat: 1 },
  headingDeg: 178,
  mirrored: false,
  lines: 20_000,
  pixelM: 1,
};

function withCorners(order: readonly (keyof Corners)[]): Product {
  const given = row(plain);
  const [upperLeft, upperRight, lowerRight, lowerLeft] = order.map((name) => given.corners[name]);
  return {
    ...given,
    corners: {
      upperLeft: upperLeft!,
      upperRight: upperRight!,
      lowerRight: lowerRight!,
      lowerLeft: lowerLeft!,
    },
  };
}

describe('what contradicts itself in a row', () => {
  it('is nothing in any row that is right, wherever it lies, whatever is rounded', () => {
    fc.assert(
      fc.property(shape, (each) => {
        expect(doubtOf(row(each), [])).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });

  it('is the angle that centre and Sun do not give', () => {
    fc.assert(
      fc.property(shape, double(0.08, 30), fc.boolean(), (each, off, more) => {
        const given = row(each);
        const incidenceDeg = given.incidenceDeg + (more ? off : -off);
        expect(doubtOf({ ...given, incidenceDeg }, [])).toMatchObject({
          code: 'incidence_mismatch',
          skips: true,
        });
      }),
    );
  });

  it('says by how much', () => {
    expect(doubtOf({ ...row(plain), incidenceDeg: 12 }, [])?.reason).toMatch(
      /^Its index row says an incidence of 12 deg, but its centre and sub-solar point give 5\d\.\d\d deg, so neither/,
    );
  });

  it.each([
    [['upperLeft', 'lowerRight', 'upperRight', 'lowerLeft']],
    [['upperLeft', 'upperRight', 'lowerLeft', 'lowerRight']],
    [['upperLeft', 'upperLeft', 'lowerRight', 'lowerLeft']],
  ] as const)('is the order of its corners: %j', (order) => {
    expect(doubtOf(withCorners(order), [])).toMatchObject({
      code: 'corner_order',
      reason: expect.stringContaining('are no walk around an image') as string,
      skips: true,
    });
  });

  it('is a corner with a wrong sign, and a centre elsewhere', () => {
    const given = row(plain);
    const { upperLeft } = given.corners;
    const far = { ...given.corners, upperLeft: { ...upperLeft, lat: -upperLeft.lat } };
    expect(doubtOf({ ...given, corners: far }, [])).toMatchObject({ code: 'corner_order' });
    const moved = row({ ...plain, center: { lon: 22, lat: 20.5 } });
    expect(doubtOf({ ...given, corners: moved.corners }, [])).toMatchObject({
      code: 'corner_order',
      reason: expect.stringContaining('do not lie around its centre') as string,
    });
  });

  it('is the flight direction, which keeps nothing from being scanned', () => {
    expect(doubtOf({ ...row(plain), flightDirection: '+X' }, [])).toEqual({
      code: 'flight_direction',
      reason:
        'Its corners say that the image is direct, its LRO_FLIGHT_DIRECTION +X that it is not; the corners are taken.',
      skips: false,
    });
    for (const flightDirection of ['', 'N/A', '+Y'])
      expect(doubtOf({ ...row(plain), flightDirection }, [])).toBeNull();
  });

  it('is announced and counted with its row', async () => {
    const { label, table } = planVolume(volumePeriod('LROLRC_1067A'), {
      seed: 1,
      images: 4,
      lines: 4096,
      samples: 5064,
    });
    const layout = parseIndexLabel(label.body.toString('latin1'), 'label');
    const bytes = Buffer.from(table.body);
    const set = (line: number, name: string, value: string) => {
      const { start, bytes: width } = layout.columns.get(name)!;
      bytes.write(value.padStart(width), line * layout.recordBytes + start, 'latin1');
    };
    const idColumn = layout.columns.get('PRODUCT_ID')!;
    const images = Array.from({ length: bytes.length / layout.recordBytes }, (_, n) => n).filter((n) =>
      /^\s*M\d+[LR]C$/.test(
        bytes.toString('latin1', n * layout.recordBytes + idColumn.start).slice(0, idColumn.bytes),
      ),
    );
    set(images[0]!, 'INCIDENCE_ANGLE', '12.00');
    set(images[1]!, 'UPPER_LEFT_LATITUDE', '999.99');
    const direction = layout.columns.get('LRO_FLIGHT_DIRECTION')!;
    const at = images[2]! * layout.recordBytes + direction.start;
    set(images[2]!, 'LRO_FLIGHT_DIRECTION', bytes.toString('latin1', at, at + 2) === '+X' ? '-X' : '+X');
    set(images[3]!, 'START_TIME', 'N/A');
    const dir = await mkdtemp(join(tmpdir(), 'selenoscan-table-'));
    try {
      await writeFile(join(dir, 'INDEX.TAB'), bytes);
      const counts = emptyCounts();
      const announced = await all(readIndexTable(join(dir, 'INDEX.TAB'), layout, counts, 'table'));
      expect(announced.map(({ doubt }) => doubt?.code)).toEqual([
        'incidence_mismatch',
        'no_geometry',
        'flight_direction',
      ]);
      expect(counts).toEqual({
        records: 20,
        products: 1,
        passedOver: { 'wide-angle': 4, calibration: 4, star: 4, earth: 4 },
        invalid: { incidence_mismatch: 1, no_geometry: 1, START_TIME: 1 },
        warnings: { flight_direction: 1 },
      });
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
