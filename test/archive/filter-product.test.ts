import { describe, expect, it } from 'vitest';
import { filterProduct } from '../../src/archive/filter-product.js';
import { product } from './support.js';

const limits = {
  maxIncidenceDeg: 80,
  maxEmissionDeg: 45,
  maxResolutionM: 2,
  minLines: 1025,
  samples: [5064],
};

describe('the choice of products', () => {
  it('takes a plain one', () => {
    expect(filterProduct(product(), limits)).toBeNull();
  });

  it.each([
    [{ incidenceDeg: 91.32 }, 'incidence: 91.32 deg is above the limit of 80 deg'],
    [{ emissionDeg: 60 }, 'emission: 60 deg is above the limit of 45 deg'],
    [{ resolutionM: 2.5 }, 'resolution: 2.5 m/px is above the limit of 2 m/px'],
    [{ lines: 1024 }, 'lines: 1024 are fewer than the limit of 1025'],
    [{ samples: 2532 }, 'samples: a width of 2532 is not among 5064'],
    [{ incidenceDeg: NaN }, 'incidence: NaN deg is above the limit of 80 deg'],
  ])('says why it passes over %j', (overrides, reason) => {
    expect(filterProduct(product(overrides), limits)).toBe(reason);
  });

  it('takes what lies on a limit', () => {
    const edge = { incidenceDeg: 80, emissionDeg: 45, resolutionM: 2, lines: 1025 };
    expect(filterProduct(product(edge), limits)).toBeNull();
  });
});
