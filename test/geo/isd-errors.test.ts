import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidProductError } from '../../src/domain/errors.js';
import { createIsdModel } from '../../src/geo/isd-model.js';
import { passIsd, passSize, type Pass } from './isd-support.js';

const pass: Pass = {
  center: { lon: 30, lat: 10 },
  headingDeg: 185,
  mirrored: false,
  lines: 1024,
  alongM: 1.5,
  altitudeM: 120_000,
  summing: 1,
  subSolar: { lon: 80, lat: 1 },
};
const size = passSize(pass);

type Json = Record<string, unknown>;

/** The good file with the value at a path replaced; undefined takes the key away. */
function changed(path: string, value: unknown): Json {
  const isd = JSON.parse(JSON.stringify(passIsd(pass))) as Json;
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce((node, key) => node[key] as Json, isd);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return isd;
}

function refusal(isd: unknown, image = size): InvalidProductError {
  try {
    createIsdModel(isd, image);
  } catch (error) {
    if (error instanceof InvalidProductError) return error;
    throw error;
  }
  throw new Error('was taken');
}

describe('a camera model is refused in one sentence that names the field', () => {
  it.each([
    {
      path: 'name_model',
      value: 'USGS_ASTRO_FRAME_SENSOR_MODEL',
      says: 'name_model is not USGS_ASTRO_LINE_SCANNER',
    },
    { path: 'name_model', value: undefined, says: 'name_model is not USGS' },
    { path: 'interpolation_method', value: 'magic', says: 'interpolation_method is not valid' },
    { path: 'line_scan_rate', value: [], says: 'line_scan_rate is not valid' },
    { path: 'line_scan_rate', value: [[0.5, -0.5, 0]], says: 'line_scan_rate.0.2 is not valid' },
    {
      path: 'line_scan_rate',
      value: [
        [0.5, 0, 1],
        [9.5, -1, 1],
      ],
      says: 'line_scan_rate does not run forward',
    },
    { path: 'center_ephemeris_time', value: NaN, says: 'center_ephemeris_time is not valid' },
    { path: 'center_ephemeris_time', value: 4e8, says: 'body_rotation.ephemeris_times covers' },
    {
      path: 'radii',
      value: { semimajor: 3396.19, semiminor: 3376.2, unit: 'km' },
      says: 'radii.semimajor is 3396.19 km, which is not the Moon',
    },
    { path: 'radii.unit', value: 'miles', says: 'radii.unit is not valid' },
    { path: 'naif_keywords.BODY_CODE', value: 499, says: 'naif_keywords.BODY_CODE is not 301, the Moon' },
    { path: 'body_rotation', value: undefined, says: 'body_rotation is missing' },
    {
      path: 'body_rotation.constant_frames',
      value: [31006],
      says: 'body_rotation ends in the principal-axes frame',
    },
    {
      path: 'body_rotation.constant_rotation',
      value: [1, 0, 0, 0, 1, 0, 0, 0, 2],
      says: 'constant_rotation is not a rotation matrix',
    },
    {
      path: 'body_rotation.constant_rotation',
      value: [1, 0, 0, 0, 1, 0, 0, 0, -1],
      says: 'constant_rotation is not a rotation matrix',
    },
    {
      path: 'body_rotation.reference_frame',
      value: 17,
      says: 'body_rotation.reference_frame is not 1, the frame J2000',
    },
    {
      path: 'instrument_pointing.quaternions',
      value: [[1, 0, 0, 0]],
      says: 'instrument_pointing.quaternions holds 1 records for 5 ephemeris_times',
    },
    {
      path: 'instrument_pointing.quaternions.3',
      value: [0, 0, 0, 0],
      says: 'quaternions holds a record (3) that is not of unit length',
    },
    {
      path: 'instrument_pointing.quaternions.3',
      value: [1, 0, 0],
      says: 'instrument_pointing.quaternions.3 is not valid',
    },
    {
      path: 'instrument_pointing.ephemeris_times.2',
      value: 0,
      says: 'instrument_pointing.ephemeris_times does not increase',
    },
    {
      path: 'instrument_position.positions',
      value: undefined,
      says: 'instrument_position.positions is missing',
    },
    {
      path: 'instrument_position.positions.1.2',
      value: null,
      says: 'instrument_position.positions.1.2 is not valid',
    },
    { path: 'instrument_position.positions.4', value: undefined, says: 'instrument_position.positions' },
    {
      path: 'instrument_position.velocities',
      value: [],
      says: 'instrument_position.velocities holds 0 records',
    },
    { path: 'sun_position', value: undefined, says: 'sun_position is missing' },
    { path: 'detector_sample_summing', value: 0, says: 'detector_sample_summing is not valid' },
    {
      path: 'focal_length_model.focal_length',
      value: '700',
      says: 'focal_length_model.focal_length is not valid',
    },
    { path: 'focal_length_model', value: undefined, says: 'focal_length_model is missing' },
    {
      path: 'focal2pixel_samples',
      value: [0, 0, 0],
      says: 'focal2pixel_samples and focal2pixel_lines have no inverse',
    },
    { path: 'focal2pixel_lines', value: [0, 1], says: 'focal2pixel_lines is not valid' },
    {
      path: 'optical_distortion',
      value: { radial: { coefficients: [0, 0, 0] } },
      says: 'optical_distortion.lrolrocnac is missing',
    },
    {
      path: 'optical_distortion.lrolrocnac.coefficients',
      value: [1e-5, 0],
      says: 'lrolrocnac.coefficients is not valid',
    },
  ])('$path: $says', ({ path, value, says }) => {
    const error = refusal(changed(path, value));
    expect(error.message).toContain(says);
    expect(error.message).toMatch(
      /^(The|In the) camera model .*; give the one that ALE or ISIS writes for this image\.$/,
    );
    expect(error.message.split('\n')).toHaveLength(1);
    expect(error.code).toBe('isd');
  });

  it('when it is no object at all', () => {
    for (const isd of [null, undefined, 7, 'x', [], [{}]])
      expect(refusal(isd).message).toContain('The camera model (ISD) is no JSON object');
  });

  it('when positions are in metres, or the camera looks away', () => {
    const isd = passIsd(pass);
    const { positions } = isd.instrument_position;
    const metres = positions.map((v) => v.map((x) => x * 1000));
    expect(refusal(changed('instrument_position.positions', metres)).message).toContain(
      'instrument_position.positions puts the camera',
    );
    // Half a turn about the camera's own x axis.
    const away = isd.instrument_pointing.quaternions.map(([w = 0, x = 0, y = 0, z = 0]) => [-x, w, -z, y]);
    expect(refusal(changed('instrument_pointing.quaternions', away)).message).toContain(
      'looks past the Moon',
    );
  });

  it('when the image has no size', () => {
    for (const image of [
      { width: 0, height: 0 },
      { width: 5064, height: 1 },
      { width: NaN, height: 9 },
    ])
      expect(refusal(passIsd(pass), image).message).toContain('cannot place an image of');
  });
});

describe('whatever is in the file', () => {
  const paths = Object.entries(passIsd(pass)).flatMap(([key, value]) =>
    typeof value === 'object' && !Array.isArray(value)
      ? [key, ...Object.keys(value).map((k) => `${key}.${k}`)]
      : [key],
  );
  const junk = fc.oneof(
    fc.constant(undefined),
    fc.jsonValue({ maxDepth: 3 }),
    fc.double(),
    fc.array(fc.double(), { maxLength: 9 }),
    fc.array(fc.array(fc.double(), { minLength: 3, maxLength: 4 }), { minLength: 5, maxLength: 5 }),
  );

  it('it is either refused for a user to read, or gives places on the Moon', () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), junk, (path, value) => {
        try {
          const model = createIsdModel(changed(path, value), size);
          const { lon, lat, uncertaintyM } = model.locate({ sample: 2532, line: 512 });
          expect(Math.abs(lon)).toBeLessThanOrEqual(180);
          expect(Math.abs(lat)).toBeLessThanOrEqual(90);
          expect(uncertaintyM).toBeGreaterThan(0);
        } catch (error) {
          if (!(error instanceof InvalidProductError)) throw error;
          expect(error.code).toBe('isd');
        }
      }),
      { numRuns: 1000 },
    );
  });
});
