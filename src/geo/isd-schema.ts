import { z } from 'zod';
import { InvalidProductError } from '../domain/errors.js';

/** NAIF id of the inertial frame J2000, which every rotation and position of an ISD starts from. */
const J2000 = 1;

/** NAIF id of the Moon. */
const MOON = 301;

/** Principal-axes frames of the Moon: up to 875 m from the mean-Earth axes that longitudes are counted in. */
const PRINCIPAL_AXES = new Set([31000, 31002, 31004, 31006, 31008]);

/** A strip of 52,224 lines with a record for each is the most that is written. */
const MAX_RECORDS = 200_000;

const vector = z.tuple([z.number(), z.number(), z.number()]);
const quaternion = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const frames = z.array(z.int()).min(1);
const times = z.array(z.number()).min(1).max(MAX_RECORDS);

const inertial = z.literal(J2000, { error: 'is not 1, the frame J2000' });

const rotation = z
  .object({
    ephemeris_times: times,
    quaternions: z.array(quaternion),
    time_dependent_frames: frames,
    constant_frames: frames.optional(),
    constant_rotation: z.array(z.number()).length(9).optional(),
    reference_frame: inertial.optional(),
  })
  .superRefine((track, check) => {
    const bad = (field: string, message: string) => {
      check.addIssue({ code: 'custom', path: [field], message });
    };
    if (track.ephemeris_times.length < 2)
      bad('ephemeris_times', 'holds a single time where a course is needed');
    if (!increasing(track.ephemeris_times)) bad('ephemeris_times', 'does not increase throughout');
    if (track.quaternions.length !== track.ephemeris_times.length)
      bad(
        'quaternions',
        `holds ${track.quaternions.length} records for ${track.ephemeris_times.length} ephemeris_times`,
      );
    const crooked = track.quaternions.findIndex((q) => Math.abs(Math.hypot(...q) - 1) > 1e-3);
    if (crooked >= 0) bad('quaternions', `holds a record (${crooked}) that is not of unit length`);
    if (track.constant_rotation !== undefined && !isRotation(track.constant_rotation))
      bad('constant_rotation', 'is not a rotation matrix');
  });

/** Orientation over time. */
export type RotationTable = z.infer<typeof rotation>;

const ephemeris = z
  .object({
    ephemeris_times: times,
    positions: z.array(vector),
    velocities: z.array(vector).optional(),
    reference_frame: inertial.optional(),
  })
  .superRefine((table, check) => {
    const count = table.ephemeris_times.length;
    if (!increasing(table.ephemeris_times))
      check.addIssue({
        code: 'custom',
        path: ['ephemeris_times'],
        message: 'does not increase throughout',
      });
    for (const field of ['positions', 'velocities'] as const) {
      const rows = table[field];
      if (rows !== undefined && rows.length !== count)
        check.addIssue({
          code: 'custom',
          path: [field],
          message: `holds ${rows.length} records for ${count} ephemeris_times`,
        });
    }
  });

/** Position over time, km. */
export type EphemerisTable = z.infer<typeof ephemeris>;

const schema = z.object({
  name_model: z.literal('USGS_ASTRO_LINE_SCANNER_SENSOR_MODEL', {
    error: 'is not USGS_ASTRO_LINE_SCANNER_SENSOR_MODEL, the line scanner that a NAC is',
  }),
  interpolation_method: z.enum(['lagrange', 'linear', 'spline']).default('lagrange'),
  image_lines: z.int().min(0).optional(),
  image_samples: z.int().min(0).optional(),
  /** Rows of first line (0.5 = the image's upper edge), seconds from the centre time, seconds per line. */
  line_scan_rate: z
    .array(z.tuple([z.number(), z.number(), z.number().positive()]))
    .min(1)
    .max(MAX_RECORDS)
    .refine((rows) => increasing(rows.map(([line]) => line)) && increasing(rows.map(([, time]) => time)), {
      error: 'does not run forward in lines and time',
    }),
  center_ephemeris_time: z.number(),
  radii: z.object({
    semimajor: z.number().positive(),
    semiminor: z.number().positive(),
    unit: z.enum(['km', 'm']),
  }),
  body_rotation: rotation.refine((track) => !PRINCIPAL_AXES.has(bodyFrame(track)), {
    error: 'ends in the principal-axes frame of the Moon where the mean-Earth frame is needed',
  }),
  instrument_pointing: rotation,
  instrument_position: ephemeris.refine((table) => table.ephemeris_times.length >= 2, {
    error: 'holds a single position where a course is needed',
  }),
  sun_position: ephemeris,
  detector_sample_summing: z.int().min(1).max(64),
  starting_detector_sample: z.number(),
  starting_detector_line: z.number(),
  detector_center: z.object({ sample: z.number(), line: z.number() }),
  focal_length_model: z.object({ focal_length: z.number().positive() }),
  focal2pixel_lines: vector,
  focal2pixel_samples: vector,
  optical_distortion: z.object(
    {
      lrolrocnac: z.object({
        coefficients: z.array(z.number().min(-0.1).max(0.1)).length(1),
      }),
    },
    { error: 'is missing' },
  ),
  naif_keywords: z
    .looseObject({
      BODY_CODE: z.literal(MOON, { error: 'is not 301, the Moon' }).optional(),
    })
    .optional(),
});

/** A camera model (image support description) as ALE writes it, as far as a NAC needs it. Times in s, positions in km. */
export type Isd = z.infer<typeof schema>;

/**
 * @param value parsed JSON
 * @throws InvalidProductError one sentence naming the first field that is not as it must be
 */
export function parseIsd(value: unknown): Isd {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw isdError('is no JSON object');
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = (issue?.path ?? []).map(String).join('.');
  throw isdError(reason(issue?.message ?? 'is not valid'), field);
}

/** The error of an ISD that cannot be used, naming the field. */
export function isdError(why: string, field = ''): InvalidProductError {
  return new InvalidProductError(
    'isd',
    `${field === '' ? 'The camera model (ISD)' : `In the camera model (ISD), ${field}`} ${why}; give the one that ALE or ISIS writes for this image.`,
  );
}

/** NAIF id of the frame that a rotation ends in. */
export function bodyFrame(track: RotationTable): number {
  return track.constant_frames?.[0] ?? track.time_dependent_frames[0] ?? 0;
}

function reason(message: string): string {
  if (message.endsWith('received undefined')) return 'is missing';
  const plain = /^(Invalid input|Too small|Too big|Invalid option|Unrecognized key): (.*)$/.exec(message);
  return plain === null ? message : `is not valid (${plain[2] ?? ''})`;
}

function increasing(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value > (values[i - 1] ?? NaN));
}

/** Rows of unit length, at right angles, right-handed; within what printed digits leave. */
function isRotation(m: readonly number[]): boolean {
  const row = (i: number) => m.slice(3 * i, 3 * i + 3) as [number, number, number];
  const [a, b, c] = [row(0), row(1), row(2)];
  const dot = (u: readonly number[], v: readonly number[]) =>
    u.reduce((sum, value, i) => sum + value * (v[i] ?? NaN), 0);
  const cross = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const off = [dot(a, a) - 1, dot(b, b) - 1, dot(a, b), dot(cross, c) - 1];
  return off.every((value) => Math.abs(value) < 1e-6);
}
