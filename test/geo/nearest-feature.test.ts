import { describe, expect, it } from 'vitest';
import type { Feature } from '../../src/domain/reference.js';
import { nearestFeatureFinder } from '../../src/geo/nearest-feature.js';

const feature = (id: number, name: string, lon: number, lat: number): Feature => ({
  id,
  name,
  type: 'crater',
  lon,
  lat,
  diameterKm: 10,
});

describe('the nearest named feature', () => {
  it('is found across the antimeridian and at a pole', () => {
    const nearest = nearestFeatureFinder([
      feature(1, 'west', -179, 0),
      feature(2, 'east', 170, 0),
      feature(3, 'polar', 90, 88),
    ]);
    expect(nearest({ lon: 179.5, lat: 0 })?.name).toBe('west');
    expect(nearest({ lon: -100, lat: 89.5 })?.name).toBe('polar');
  });

  it('is none where there are no features', () => {
    expect(nearestFeatureFinder([])({ lon: 0, lat: 0 })).toBeNull();
  });
});
