import { z } from 'zod';

/**
 * A place in a resource: its byte, counted from 0 and from the resource's beginning. Between 0 and 1: that share
 * of what the answer would carry.
 */
const place = z.number().nonnegative();
const seconds = z.number().nonnegative();

/** What a fault does to one answer; everything that is not named stays as it is. */
export const faultEffectSchema = z.strictObject({
  /** Wait before the answer, ms. */
  delayMs: seconds.optional(),
  /** Never answer; the connection stays open. */
  silent: z.literal(true).optional(),
  /** Reset the connection in place of an answer. */
  reset: z.literal(true).optional(),

  /** Answer this status with `body`, or with nothing, in place of the resource. */
  status: z.int().min(200).max(599).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** In place of the resource. */
  body: z.string().optional(),
  /** Retry-After of an answer by `status`. */
  retryAfterS: seconds.optional(),
  /** Write it as an HTTP date. */
  retryAfterDate: z.literal(true).optional(),
  /**
   * Send on by a 302, or by `status`: in circles, to a port where nobody listens, to the same file at the
   * server's other name, there by a Location without scheme, to the same address by https, or without Location.
   */
  redirect: z
    .enum(['loop', 'nowhere', 'other-host', 'protocol-relative', 'https', 'without-location'])
    .optional(),
  /** After so many requests of a host within so many seconds, its answers are 429 for as long. */
  throttle: z.strictObject({ requests: z.int().min(1), windowS: z.number().positive() }).optional(),

  /** Break the connection before this place, though the headers promise the whole. */
  cutAt: place.optional(),
  /** Break it by a reset; default it is closed. */
  cutBy: z.literal('reset').optional(),
  /** Send nothing more from this place on; the connection stays open. */
  stallAt: place.optional(),
  /** End the answer before this place, as if the resource had no more. */
  endAt: place.optional(),
  /** So many bytes more than the resource has. */
  extraBytes: z.int().min(1).optional(),
  /** Change this byte, the length staying as it is. */
  corruptAt: place.optional(),
  /** Let a label state another checksum or another size than the file has. */
  label: z.enum(['md5', 'size']).optional(),
  /** Bytes per second at which the body comes. */
  bytesPerSecond: z.int().min(1).optional(),
  /** Compress the body, whatever was accepted, and say so. */
  gzip: z.literal(true).optional(),

  /** Answer a range by the whole. */
  wholeForRange: z.literal(true).optional(),
  /** Answer several ranges by the whole: what the replica, as the archive, does anyway. */
  wholeForRanges: z.literal(true).optional(),
  /** Answer a range by one that begins so many bytes later, and say so. */
  shiftRange: z.int().min(1).optional(),
  /** Answer a range without Content-Range. */
  noContentRange: z.literal(true).optional(),

  /** Serve the resource under this ETag, as if it had been replaced; null: under none. */
  etag: z.string().nullable().optional(),
  /** Make the ETag a weak one. */
  weakEtag: z.literal(true).optional(),
  noLastModified: z.literal(true).optional(),
  /** Close the connection after the answer, without having announced it. */
  dropConnection: z.literal(true).optional(),
});

export type FaultEffect = Readonly<z.infer<typeof faultEffectSchema>>;

/** Effects that change the bytes of a resource or what is said of it: they need an answer that carries one. */
const ON_RESOURCE = [
  'cutAt',
  'stallAt',
  'endAt',
  'extraBytes',
  'corruptAt',
  'label',
  'bytesPerSecond',
  'gzip',
  'wholeForRange',
  'wholeForRanges',
  'shiftRange',
  'noContentRange',
  'etag',
  'weakEtag',
  'noLastModified',
] as const satisfies readonly (keyof FaultEffect)[];

export function needsResource(effect: FaultEffect): boolean {
  return ON_RESOURCE.some((key) => effect[key] !== undefined);
}

/** How many ranges a request must ask for, for the effect to show: one, several (2), or any number (null). */
export function rangesNeeded(effect: FaultEffect): 1 | 2 | null {
  if (effect.wholeForRanges) return 2;
  const one = effect.wholeForRange ?? effect.shiftRange ?? effect.noContentRange;
  return one === undefined ? null : 1;
}

/** Byte of the resource that a place stands for, in an answer that carries `first` to `last`. */
export function byteAt(at: number | undefined, first: number, last: number): number {
  if (at === undefined) return Infinity;
  return at > 0 && at < 1 ? first + Math.floor(at * (last - first + 1)) : at;
}

/** A short name for an effect that was given without one. */
export function describeEffect(effect: FaultEffect): string {
  const told = Object.entries(effect).filter(([key]) => key !== 'body' && key !== 'headers');
  const words = told.map(([key, value]) => (value === true ? key : `${key} ${JSON.stringify(value)}`));
  return words.join(', ') || 'another body';
}
