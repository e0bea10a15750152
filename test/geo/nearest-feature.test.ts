import { describe, expect, it } from 'vitest';
import type { LonLat } from '../../src/domain/geometry.js';
import type { Feature } from '../../src/domain/reference.js';
import { nearestFeatureFinder, relativeTo } from '../../src/geo/nearest-feature.js';
import { readGazetteer } from '../../src/store/gazetteer.js';

let number = 0;
const feature = (
  name: string,
  lon: number,
  lat: number,
  diameterKm: number | null = 10,
  type = 'crater',
): Feature => ({
  id: (number += 1),
  name,
  type,
  lon,
  lat,
  diameterKm,
});

describe('the named feature by which a place is told', () => {
  it('is found across the antimeridian and at a pole', () => {
    const nearest = nearestFeatureFinder([
      feature('west', -179, 0),
      feature('east', 170, 0),
      feature('polar', 90, 88),
    ]);
    expect(nearest({ lon: 179.5, lat: 0 })?.name).toBe('west');
    expect(nearest({ lon: -100, lat: 89.5 })?.name).toBe('polar');
  });

  it('is none where there are no landmarks', () => {
    expect(nearestFeatureFinder([])({ lon: 0, lat: 0 })).toBeNull();
    expect(nearestFeatureFinder([feature('Mare', 0, 0, 900, 'mare')])({ lon: 0, lat: 0 })).toBeNull();
  });

  it('is the smallest that holds the place, whatever lies nearer', () => {
    const nearest = nearestFeatureFinder([
      feature('large', 0, 0, 200),
      feature('small', 1, 0, 40),
      feature('near', 1.5, 0.4, 4),
    ]);
    expect(nearest({ lon: 1.5, lat: 0.2 })?.name).toBe('small');
    expect(nearest({ lon: -1, lat: 0 })?.name).toBe('large');
  });

  it('is otherwise the one whose rim is nearest, large or small', () => {
    // 17 km from the rim of a crater of 43 km radius, 15 km from one of 5 km.
    const nearest = nearestFeatureFinder([feature('Tycho', 0, 0, 86), feature('small', 2.638, 0, 10)]);
    expect(nearest({ lon: 1.979, lat: 0 })?.name).toBe('small');
    expect(nearest({ lon: 1.9, lat: 0 })?.name).toBe('Tycho');
    expect(nearest({ lon: 2.45, lat: 0 })?.name).toBe('small');
  });

  it('is not a mare, a range or a rille, of which only a point and a length are known', () => {
    const others = ['mare', 'oceanus', 'rima', 'dorsum', 'catena', 'vallis', 'rupes', 'lacus', 'sinus'];
    const nearest = nearestFeatureFinder([
      ...others.map((type) => feature(type, 0, 0, 500, type)),
      feature('Montes Alpes', 0, 0, 300, 'mons'),
      feature('Mons Piton', 3, 0, 25, 'mons'),
    ]);
    expect(nearest({ lon: 0, lat: 0 })?.name).toBe('Mons Piton');
  });
});

describe('a place told by a feature', () => {
  const tycho = feature('Tycho', -11.22, -43.3, 86.21);
  const at = (lon: number, lat: number) => relativeTo(tycho, { lon, lat });

  it('is in it within its radius, and beyond at a distance from its centre in one of eight directions', () => {
    expect(at(-11.22, -43.3)).toBe('in Tycho');
    expect(at(-11.22, -41.9)).toBe('in Tycho');
    expect(at(-11.22, -41.8)).toBe('45 km N of Tycho');
    expect(at(-11.22, -45.3)).toBe('61 km S of Tycho');
    expect(at(-8, -43.3)).toBe('71 km E of Tycho');
    expect(at(-14.4, -43.3)).toBe('70 km W of Tycho');
    expect(at(-8, -41)).toBe('101 km NE of Tycho');
    expect(at(-14.5, -41)).toBe('101 km NW of Tycho');
  });

  it('has a decimal below ten kilometres', () => {
    const small = feature('Dot', 0, 0, 1);
    expect(relativeTo(small, { lon: 0, lat: 0.1 })).toBe('3.0 km N of Dot');
    expect(relativeTo(small, { lon: 0.33, lat: 0 })).toBe('10 km E of Dot');
  });

  it('has the right direction and distance across 180 degrees and at the poles', () => {
    const antimeridian = feature('Edge', 179.5, 0, 1);
    expect(relativeTo(antimeridian, { lon: -179.5, lat: 0 })).toBe('30 km E of Edge');
    const polar = feature('Cap', 30, 89, 1);
    // The way to the other side of the pole sets out northwards, whatever the longitude there.
    expect(relativeTo(polar, { lon: -150, lat: 89 })).toBe('61 km N of Cap');
    expect(relativeTo(polar, { lon: 120, lat: 89.9999 })).toBe('30 km N of Cap');
    const southern = feature('Foot', 30, -89, 1);
    expect(relativeTo(southern, { lon: -150, lat: -89 })).toBe('61 km S of Foot');
  });

  it('is what one would say, of places that everybody knows', async () => {
    const features = await readGazetteer();
    const nearest = nearestFeatureFinder(features);
    const tell = (place: LonLat) => relativeTo(nearest(place)!, place);
    expect(tell({ lon: -11.2, lat: -43.3 })).toBe('in Tycho');
    expect(tell({ lon: -20.1, lat: 9.6 })).toBe('in Copernicus');
    // No large crater farther away takes the place of a small one close by.
    expect(tell({ lon: 39.398, lat: 10.651 })).toBe('33 km NW of Cauchy D');
    expect(tell({ lon: -20, lat: 7.6 })).toBe('61 km S of Copernicus');
    // South of Copernicus in open mare.
    expect(tell({ lon: -23.42, lat: -3.01 })).toMatch(/^in (Surveyor|Snowman|Head|Crescent)$|km/);
    expect(tell({ lon: 0, lat: -90 })).toBe('in Shackleton');
  });
});
