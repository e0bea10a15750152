import { describe, expect, it } from 'vitest';
import { matchPlanted, type Found } from '../../src/cli/planted-match.js';

const LANDER = { kind: 'lander', line: 100, sample: 200, size_m: 6, lon: 10, lat: 20 };
const found = (rank: number, sample: number, line: number): Found => ({
  rank_in_image: rank,
  sample,
  line,
  lon: 10.001,
  lat: 20,
  uncertainty_m: 150,
});
const asDegrees = (a: { lon: number }, b: { lon: number }) => Math.abs(a.lon - b.lon);

describe('a planted object held against what was found', () => {
  it('is found by the best-ranked detection that lies on it', () => {
    const detections = [found(7, 201, 101), found(3, 205, 104), found(1, 400, 100)];
    const match = matchPlanted(LANDER, detections, 1, asDegrees);
    expect(match).toMatchObject({ kind: 'lander', found: true, rank: 3, uncertainty_m: 150 });
    expect(match.distance_m).toBeCloseTo(0.001, 9);
  });

  it('is not found where nothing lies on it', () => {
    expect(matchPlanted(LANDER, [found(1, 215, 100)], 1, asDegrees)).toEqual({
      kind: 'lander',
      found: false,
      rank: null,
      distance_m: null,
      uncertainty_m: null,
    });
  });

  it('reaches as far as the object is large on the ground', () => {
    expect(matchPlanted(LANDER, [found(1, 215, 100)], 0.5, asDegrees).found).toBe(true);
  });
});
