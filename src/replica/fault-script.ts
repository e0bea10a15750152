import { z } from 'zod';
import { UsageError } from '../domain/errors.js';
import { FILE_KINDS, HOST_ROLES } from './archive-request.js';
import { faultEffectSchema } from './fault-effect.js';
import { FAULT_NAMES, type FaultName } from './named-faults.js';

/** One value or a list of them. */
function oneOrMore<T extends z.ZodType>(item: T) {
  return z.union([item, z.array(item).min(1)]).optional();
}

const pattern = z.string().refine(isPattern, { error: 'it is no regular expression' });
const count = z.int().min(1);

const ruleSchema = z
  .strictObject({
    /** What the log calls it; default the fault's name. */
    name: z.string().min(1).optional(),
    /** A fault by its name. */
    fault: z.enum(FAULT_NAMES as [FaultName, ...FaultName[]]).optional(),
    /** Effects beside those of the named fault, or in their place. */
    with: faultEffectSchema.optional(),

    /** Which requests; those that are left out do not matter. */
    kind: oneOrMore(z.enum([...FILE_KINDS, 'ode', 'any'])),
    product: oneOrMore(z.string().min(1)),
    volume: oneOrMore(z.string().min(1)),
    host: oneOrMore(z.enum(HOST_ROLES)),
    method: oneOrMore(z.enum(['GET', 'HEAD'])),
    /** A regular expression for the path. */
    path: pattern.optional(),

    /** Strikes so many times, then no more. */
    times: count.optional(),
    /** Leaves the first so many requests alone. */
    after: z.int().min(0).optional(),
    /** Strikes each so-manieth request. */
    every: count.optional(),
    /** Strikes by this chance, drawn from the script's seed. */
    chance: z.number().min(0).max(1).optional(),
    /** Whether `times`, `after` and `every` count all requests of the rule (default) or those of each path. */
    per: z.enum(['rule', 'path']).optional(),
  })
  .refine((rule) => rule.fault !== undefined || rule.with !== undefined, {
    error: 'it names neither a fault nor, by "with", what happens',
  });

const scriptSchema = z.strictObject({
  /** The same seed gives the same faults. Default 1. */
  seed: z.int().optional(),
  /** The first that strikes a request is the only one. */
  rules: z.array(ruleSchema),
});

export type FaultRule = Readonly<z.infer<typeof ruleSchema>>;
export type FaultScript = Readonly<z.infer<typeof scriptSchema>>;

/**
 * Reads a fault script.
 * @param source what it is called in messages, e.g. its file
 * @throws UsageError in one sentence that names the place
 */
export function parseFaultScript(text: string, source: string): FaultScript {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${source}: not valid JSON (${why}); see docs/replica.md for fault scripts.`, {
      cause,
    });
  }
  return checkFaultScript(value, source);
}

/** The same for a value. @throws UsageError in one sentence that names the place */
export function checkFaultScript(value: unknown, source: string): FaultScript {
  const parsed = scriptSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = (issue?.path ?? []).map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
  const why = issue?.message.replace(/^Invalid (input|option): /, '') ?? '';
  const where = place.join('').replace(/^\./, '') || 'the script';
  throw new UsageError(`${source}: ${where} is not valid (${why}); see docs/replica.md for fault scripts.`);
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
