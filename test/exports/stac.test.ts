import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Extent } from '../../src/exports/stac/extent.js';
import { stacItem } from '../../src/exports/stac/item.js';
import { lonLatBbox } from '../../src/exports/stac/lon-lat-bbox.js';
import { multihash } from '../../src/exports/stac/multihash.js';
import { squareAround } from '../store/samples.js';
import { SCENE } from './scene-sample.js';

describe('an item of a catalogue', () => {
  it('tells the light in the words of the view extension, where incidence is that of the camera', () => {
    const { properties } = stacItem(SCENE, 'c') as { properties: Record<string, unknown> };
    expect(properties).toMatchObject({
      datetime: '2026-04-10T01:28:54.845Z',
      'ssys:targets': ['Moon'],
      'view:incidence_angle': 1.74,
      'view:off_nadir': 1.69,
      'view:sun_azimuth': 144,
    });
    expect(properties['view:sun_elevation']).toBeCloseTo(60.05, 10);
  });

  it('leaves out what is not known, and the extension with it', () => {
    const dark = { ...SCENE, incidenceDeg: null, emissionDeg: null, offNadirDeg: null, sunAzimuthDeg: null };
    const item = stacItem({ ...dark, geometry: null, sourceUrl: null, stopTime: null }, 'c');
    expect(JSON.stringify(item)).not.toMatch(/view|undefined|NaN/);
    expect(item).toMatchObject({ geometry: null, assets: { detections: {} } });
    expect(item).not.toHaveProperty('bbox');
    expect(item['assets']).not.toHaveProperty('image');
  });

  it('says of the image how large it is, by which checksum it is known, and that it has no reference system', () => {
    expect(stacItem(SCENE, 'c')['assets']).toMatchObject({
      image: {
        href: 'http://127.0.0.1:1/M1_pyr.tif',
        type: 'image/tiff',
        'file:size': 37,
        'file:checksum': `1220${'0a'.repeat(32)}`,
        'proj:code': null,
        'proj:shape': [52224, 5064],
      },
    });
    expect(multihash(`md5:${'0b'.repeat(16)}`)).toBe(`d50110${'0b'.repeat(16)}`);
    expect(multihash('crc32:00')).toBeUndefined();
  });
});

describe('the bounding box of a polygon that is split at the antimeridian', () => {
  it('crosses it, and holds every place of it', () => {
    const split = {
      type: 'MultiPolygon' as const,
      coordinates: [...squareAround(179.9, 1, 0.1).coordinates, ...squareAround(-179.8, 1, 0.2).coordinates],
    };
    expect(lonLatBbox(split)).toEqual(
      [179.8, 0.8, -179.6, 1.2].map((value) => expect.closeTo(value, 9) as number),
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.double({ min: -180, max: 180, noNaN: true }),
            fc.double({ min: -80, max: 80, noNaN: true }),
          ),
          { minLength: 1, maxLength: 5 },
        ),
        (places) => {
          const polygon = {
            type: 'MultiPolygon' as const,
            coordinates: places.flatMap(([lon, lat]) => squareAround(lon, lat, 1).coordinates),
          };
          const [west, south, east, north] = lonLatBbox(polygon) ?? [NaN, NaN, NaN, NaN];
          const width = west <= east ? east - west : east + 360 - west;
          expect(width).toBeLessThanOrEqual(360);
          for (const [lon = NaN, lat = NaN] of polygon.coordinates.flat(2)) {
            expect(west <= east ? lon >= west && lon <= east : lon >= west || lon <= east).toBe(true);
            expect(lat >= south && lat <= north).toBe(true);
          }
        },
      ),
    );
  });

  it('widens that of a collection to both sides; of nothing that is the whole Moon', () => {
    const extent = new Extent();
    expect(extent.toJSON()).toEqual({
      spatial: { bbox: [[-180, -90, 180, 90]] },
      temporal: { interval: [[null, null]] },
    });
    extent.add([10, 0, 20, 1], SCENE.startTime, SCENE.startTime);
    extent.add([179, -5, -179, 0], new Date(0), new Date(1000));
    expect(extent.toJSON()).toEqual({
      spatial: { bbox: [[-180, -5, 180, 1]] },
      temporal: { interval: [['1970-01-01T00:00:00.000Z', '2026-04-10T01:28:54.845Z']] },
    });
  });
});
