import { z } from 'zod';
import { DETECTION_ORDERS, type LonLatBox } from '../domain/results.js';
import { MAX_NOTE, MAX_REVIEWER, VERDICTS } from '../domain/review.js';
import { SITE_STATUSES } from '../domain/site.js';
import { readCursor } from './cursor.js';

/** A name by which people know one another: no control characters, which logs and CSV would show as something else. */
const reviewerName = z
  .string({ message: 'must be the name of whoever reviews' })
  .transform((text) => text.trim())
  .refine((text) => text.length >= 1 && text.length <= MAX_REVIEWER && !/\p{C}/u.test(text), {
    message: `must be a name of 1 to ${MAX_REVIEWER} characters`,
  });

/** Query parameters of the API. Unknown ones are refused, so that a misspelt filter does not pass for none. */

const number = (low: number, high: number) =>
  z
    .string()
    .refine((text) => text.trim() !== '' && Number(text) >= low && Number(text) <= high, {
      message: `must be a number from ${low} to ${high}`,
    })
    .transform(Number)
    .meta({ type: 'number', minimum: low, maximum: high });

const integer = (low: number, high: number) =>
  z
    .string()
    .refine((text) => /^\d+$/.test(text) && Number(text) >= low && Number(text) <= high, {
      message: `must be a whole number from ${low} to ${high}`,
    })
    .transform(Number)
    .meta({ type: 'integer', minimum: low, maximum: high });

const limit = (byDefault: number, most: number) =>
  integer(1, most)
    .optional()
    .default(byDefault)
    .meta({ type: 'integer', minimum: 1, maximum: most, default: byDefault });

const box = z
  .string()
  .transform((text, context): LonLatBox => {
    const [west, south, east, north, ...rest] = text
      .split(',')
      .map((part) => (part.trim() === '' ? NaN : Number(part)));
    if (
      west !== undefined &&
      south !== undefined &&
      east !== undefined &&
      north !== undefined &&
      rest.length === 0 &&
      [west, east].every((lon) => Math.abs(lon) <= 180) &&
      [south, north].every((lat) => Math.abs(lat) <= 90) &&
      south <= north
    )
      return { west, south, east, north };
    context.addIssue({
      code: 'custom',
      message:
        'must be west,south,east,north in degrees (longitudes -180..180, latitudes -90..90; west > east crosses 180)',
    });
    return z.NEVER;
  })
  .meta({
    type: 'string',
    description: 'west,south,east,north in degrees; west > east crosses the antimeridian',
  });

/** Of the ways to write a time those that mean the same on every machine: local ones are taken as UTC. */
const isoMoment = z.union([z.iso.date(), z.iso.datetime({ offset: true, local: true })]);
/** Date alone, Z or an offset: JavaScript takes the others for the machine's own zone. */
const NAMES_ZONE = /^[\d-]{10}$|Z$|[+-]\d\d:?\d\d$/;

const moment = z
  .string()
  .refine((text) => isoMoment.safeParse(text).success, {
    message: 'must be a time (UTC) like 2026-04-10 or 2026-04-10T01:28:54Z',
  })
  .transform((text) => new Date(NAMES_ZONE.test(text) ? text : `${text}Z`));

const productId = z
  .string()
  .regex(/^\w{1,40}$/, { message: 'must be a product or image id like M1271742202LC' });

/** Which detections: the same for lists, marks and counts. */
const detectionFilter = {
  bbox: box.optional(),
  since: moment.optional().meta({ description: 'Images taken at this time or later (UTC).' }),
  until: moment.optional().meta({ description: 'Images taken before this time (UTC).' }),
  min_score: number(-1000, 1000).optional(),
  max_score: number(-1000, 1000).optional(),
  min_incidence: number(0, 180)
    .optional()
    .meta({ type: 'number', description: 'Sun this far from the zenith, or farther: degrees.' }),
  max_incidence: number(0, 180)
    .optional()
    .meta({ type: 'number', description: 'Sun this near the zenith, or nearer: degrees.' }),
  product: productId.optional().meta({ description: 'Product or image id.' }),
  site: integer(1, Number.MAX_SAFE_INTEGER).optional(),
  site_status: z
    .enum([...SITE_STATUSES, 'none'], { message: `must be one of ${SITE_STATUSES.join(', ')}, none` })
    .optional()
    .meta({ description: 'Status of its site; none = it belongs to none.' }),
  known: z
    .enum(['yes', 'no'], { message: 'must be yes or no' })
    .optional()
    .meta({ description: 'Whether a known human-made object lies there.' }),
  review: z
    .enum([...VERDICTS, 'any', 'none'], { message: `must be one of ${VERDICTS.join(', ')}, any, none` })
    .optional()
    .meta({ description: 'The verdict that counts; any = reviewed, none = not reviewed.' }),
  reviewer: reviewerName
    .optional()
    .meta({ type: 'string', description: 'Only what this person said something of.' }),
};

export const detectionQuery = z.strictObject({
  ...detectionFilter,
  order: z
    .enum(DETECTION_ORDERS, { message: `must be one of ${DETECTION_ORDERS.join(', ')}` })
    .optional()
    .meta({
      description:
        'score (where none is named), or learned: by what the reviews teach, the others behind, by score.',
    }),
  limit: limit(200, 1000),
  cursor: z
    .string()
    .transform((text, context) => {
      const place = readCursor(text);
      if (place !== null) return place;
      context.addIssue({ code: 'custom', message: 'must be the `next` of an earlier answer' });
      return z.NEVER;
    })
    .optional()
    .meta({ type: 'string', description: '`next` of the page before.' }),
});

export const markQuery = z.strictObject({ ...detectionFilter, limit: limit(500, 2000) });
export const progressQuery = z.strictObject(detectionFilter);

export const featureQuery = z.strictObject({
  bbox: box.optional(),
  min_diameter_km: number(0, 11_000).optional(),
  limit: limit(500, 2000),
});

export const coverageQuery = z.strictObject({
  bbox: box.optional(),
  limit: limit(1000, 5000),
});

/**
 * Of pictures. `v` names a version of one, so that it can be kept for good; `s` is the signature of a link that needs
 * no token.
 */
export const pictureQuery = z.strictObject({
  v: z.string().max(40).optional(),
  s: z.string().max(100).optional(),
});
/** For questions without parameters. */
export const noQuery = z.strictObject({});

/** Maps on which the QGIS project may open: the whole Moon around 0 or 180 degrees, or a pole. */
const PROJECT_VIEWS = ['global', 'far', 'north', 'south', 'equirectangular'] as const;
export type ProjectViewName = (typeof PROJECT_VIEWS)[number];

export const projectQuery = z.strictObject({
  view: z
    .enum(PROJECT_VIEWS, { message: `must be one of ${PROJECT_VIEWS.join(', ')}` })
    .optional()
    .default('global')
    .meta({ description: 'Map that the project opens on; it has the poles beside the whole Moon.' }),
});

export const detectionPath = z.object({ id: integer(1, Number.MAX_SAFE_INTEGER) });

/** Body of a review. */
export const reviewBody = z
  .strictObject({
    reviewer: reviewerName.meta({ type: 'string', minLength: 1, maxLength: MAX_REVIEWER }),
    verdict: z
      .enum(VERDICTS, { message: `must be one of ${VERDICTS.join(', ')}, or null` })
      .nullable()
      .optional()
      .default(null)
      .meta({ description: 'Null = a note alone.' }),
    note: z
      .string({ message: `must be text of at most ${MAX_NOTE} characters, or null` })
      .max(MAX_NOTE, { message: `must be text of at most ${MAX_NOTE} characters, or null` })
      .transform((text) => (text.trim() === '' ? null : text.trim()))
      .nullable()
      .optional()
      .default(null)
      .meta({ type: 'string', maxLength: MAX_NOTE }),
  })
  .refine(({ verdict, note }) => verdict !== null || note !== null, {
    path: ['verdict'],
    message: 'or a note must be given',
  });
export const withdrawQuery = z.strictObject({
  reviewer: reviewerName.meta({ type: 'string', description: 'Whose review is taken back.' }),
});

/** A parameter that cannot be: answered by 400 and this sentence. */
export class BadParameterError extends Error {}

/**
 * @param place where they stand, for the message
 * @throws BadParameterError naming the first parameter that is wrong
 */
export function readParameters<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  place: 'query' | 'body' = 'query',
): z.output<Schema> {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  if (issue?.code === 'unrecognized_keys')
    throw new BadParameterError(
      `There is no parameter ${issue.keys.join(', ')} here; see /api/openapi.json.`,
    );
  const name = issue?.path.join('.') ?? '';
  if (place === 'body' && name === '')
    throw new BadParameterError(
      'The body must be a JSON object such as {"verdict": "accept", "reviewer": "Anna"}.',
    );
  const once = issue?.code === 'invalid_type' && place === 'query';
  const message = once ? 'must be given once' : issue?.message;
  throw new BadParameterError(`The parameter ${name} ${message ?? 'is wrong'}.`);
}
