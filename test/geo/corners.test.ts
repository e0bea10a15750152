import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/domain/errors.js';
import { checkCorners, handedness, parseCorners } from '../../src/geo/corners.js';

describe('corners given on the command line', () => {
  it('are read as lon,lat pairs around the image, longitudes brought to -180..180', () => {
    expect(parseCorners(' 199,-10.5 200,-10.5 200,-12 199,-12 ')).toEqual({
      upperLeft: { lon: -161, lat: -10.5 },
      upperRight: { lon: -160, lat: -10.5 },
      lowerRight: { lon: -160, lat: -12 },
      lowerLeft: { lon: -161, lat: -12 },
    });
  });

  it.each([
    '',
    '1,2 3,4 5,6',
    '1,2 3,4 5,6 7,8 9,10',
    '1,2 3,4 5,6 7',
    '1,2 3,4 5,x 7,8',
    '1,2 3,95 5,6 7,8',
    '1,2,3 3,4 5,6 7,8',
  ])('that read "%s" are refused with the form they take', (text) => {
    expect(() => parseCorners(text)).toThrow(UsageError);
    expect(() => parseCorners(text)).toThrow(/ULlon,ULlat URlon,URlat LRlon,LRlat LLlon,LLlat/);
  });
});

describe('handedness', () => {
  it('is direct for a map and mirrored for its mirror image', () => {
    const map = parseCorners('10,21 10.1,21 10.1,20 10,20');
    expect(handedness(map)).toBe('direct');
    const mirror = {
      upperLeft: map.upperRight,
      upperRight: map.upperLeft,
      lowerRight: map.lowerLeft,
      lowerLeft: map.lowerRight,
    };
    expect(handedness(mirror)).toBe('mirrored');
    expect(checkCorners(mirror)).toEqual(mirror);
  });

  it('does not change when the image is turned upside down', () => {
    const map = parseCorners('10,20 9.9,20 9.9,21 10,21');
    expect(handedness(map)).toBe('direct');
  });
});
