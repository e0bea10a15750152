import { describe, expect, it } from 'vitest';
import { filterProduct } from '../../src/archive/choose/filter-product.js';
import { product } from './support.js';

const limits = {
  maxIncidenceDeg: 80,
  maxEmissionDeg: 45,
  maxResolutionM: 2,
  minLines: 1025,
  samples: [5064],
  rejectQuality: [4, 5],
};

describe('the choice of products', () => {
  it('takes a plain one', () => {
    expect(filterProduct(product(), limits)).toBeNull();
  });

  it.each([
    [{ incidenceDeg: 91.32 }, 'incidence', 'Its incidence angle of 91.32 deg is above the limit of 80 deg.'],
    [{ emissionDeg: 60 }, 'emission', 'Its emission angle of 60 deg is above the limit of 45 deg.'],
    [{ resolutionM: 2.5 }, 'resolution', 'Its resolution of 2.5 m/px is above the limit of 2 m/px.'],
    [{ lines: 1024 }, 'lines', 'Its 1024 lines are fewer than the limit of 1025.'],
    [{ samples: 2532 }, 'samples', 'Its width of 2532 samples is not among 5064.'],
    [{ dataQuality: 8 }, 'quality', 'Its DATA_QUALITY_ID 8 has bit 4 (missing telemetry) set.'],
    [
      { dataQuality: 31 },
      'quality',
      'Its DATA_QUALITY_ID 31 has bit 4 (missing telemetry) and bit 5 (bad or missing SPICE) set.',
    ],
    [
      { incidenceDeg: NaN },
      'incidence',
      'Its incidence angle is not told by the archive, so it cannot be held against the limit of 80 deg.',
    ],
  ])('says why it passes over %j', (overrides, code, reason) => {
    expect(filterProduct(product(overrides), limits)).toEqual({ code, reason });
  });

  it('takes what lies on a limit, a size that only the image tells, and quality bits that nobody minds', () => {
    for (const passing of [
      { incidenceDeg: 80, emissionDeg: 45, resolutionM: 2, lines: 1025 },
      { lines: NaN, samples: NaN },
      { dataQuality: 1 + 2 + 4 + 32 },
      { dataQuality: NaN },
    ])
      expect(filterProduct(product(passing), limits)).toBeNull();
  });

  it('takes an angle that is not told where the limit leaves nothing out', () => {
    const open = { ...limits, maxIncidenceDeg: 180, maxEmissionDeg: 90 };
    expect(filterProduct(product({ incidenceDeg: NaN, emissionDeg: NaN }), open)).toBeNull();
  });

  it('takes an image whose footprint meets the area, not only its centre', () => {
    const corners = {
      upperLeft: { lon: 10, lat: 21 },
      upperRight: { lon: 10.1, lat: 21 },
      lowerRight: { lon: 10.1, lat: 19 },
      lowerLeft: { lon: 10, lat: 19 },
    };
    const at = (area: [number, number, number, number]) =>
      filterProduct(product({ corners }), { ...limits, area })?.code ?? null;
    expect(at([10.05, 19.9, 12, 20.1])).toBeNull();
    expect(at([-350, 19.9, -349.95, 20.1])).toBeNull();
    expect(at([10.2, 19.9, 12, 20.1])).toBe('area');
    expect(at([10.04, 19.99, 10.06, 20.01])).toBeNull();
    const unplaced = { ...corners, upperLeft: { lon: NaN, lat: NaN } };
    expect(filterProduct(product({ corners: unplaced }), { ...limits, area: [0, 0, 1, 1] })).toMatchObject({
      code: 'area',
      reason: 'The archive does not tell whether its footprint meets the area.',
    });
  });
});
