import { z } from 'zod';
import { UsageError } from '../domain/errors.js';
import { SITE_STATUSES } from '../domain/site.js';
import { areaSchema, boxArea, readArea, type AreaPolygon } from './area.js';
import { readDuration } from './duration.js';
import { isEmail, webhookAddress } from './target.js';

export const CHANNELS = ['webhook', 'slack', 'email', 'notify'] as const;
export type Channel = (typeof CHANNELS)[number];

/** What a rule may ask of the site of a detection: its status, or that the build found a change there. */
export const ALERT_STATUSES = [...SITE_STATUSES, 'change'] as const;
export type AlertStatus = (typeof ALERT_STATUSES)[number];

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
const ONE_YEAR_S = 366 * 86_400;

const duration = (describe: string) =>
  z
    .string()
    .transform((text, context) => {
      const seconds = readDuration(text);
      if (seconds !== null && seconds >= 0 && seconds <= ONE_YEAR_S) return seconds;
      context.addIssue({
        code: 'custom',
        message: 'must be a time up to a year such as 30min, 12h, 7d or 2w',
      });
      return z.NEVER;
    })
    .meta({ type: 'string', description: describe });

const secretName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be the name of a secret: letters, digits, _ and -');

const webhook = z.strictObject({
  url: webhookAddress
    .optional()
    .meta({ description: 'Address that is posted to; give it, or url_secret where it must not be seen.' }),
  url_secret: secretName.optional().meta({ description: 'Secret that holds the address.' }),
  secret: secretName.optional().meta({ description: 'Secret that signs each request (HMAC-SHA256).' }),
});

const targets = {
  webhook: webhook.refine(
    ({ url, url_secret: secret }) => (url === undefined) !== (secret === undefined),
    'takes url or url_secret, one of the two',
  ),
  slack: z.strictObject({
    url_secret: secretName.meta({
      description:
        'Secret that holds the address of the incoming webhook, which lets anybody post who has it.',
    }),
  }),
  email: z.strictObject({
    to: z
      .array(z.string().refine(isEmail, 'must be an e-mail address'))
      .min(1)
      .max(50)
      .meta({ description: 'Who gets it.' }),
  }),
  notify: z.strictObject({
    channel: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be a channel of NOTIFY: small letters, digits and _')
      .meta({ description: 'Channel for LISTEN.' }),
  }),
} as const;

const common = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]{1,60}$/, 'must be letters, digits, dots, _ and -, at most 60')
    .meta({ description: 'Name of the rule.' }),
  score: z.number().min(-1000).max(1000).optional().meta({ description: 'Least score.' }),
  rank: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .meta({ description: 'Lowest rank in its image; 1 = only the best.' }),
  status: z
    .array(z.enum(ALERT_STATUSES, { message: `must be of ${ALERT_STATUSES.join(', ')}` }))
    .min(1)
    .optional()
    .meta({
      description: 'Status of its site, or change: nothing there in an earlier look under like light.',
    }),
  area: areaSchema.optional().meta({ description: 'Where it must lie: GeoJSON in degrees on the Moon.' }),
  bbox: z
    .tuple([
      z.number().min(-180).max(180),
      z.number().min(-90).max(90),
      z.number().min(-180).max(180),
      z.number().min(-90).max(90),
    ])
    .refine(([, south, , north]) => south < north, 'must have its south before its north')
    .refine(([west, , east]) => west !== east, 'must have a width')
    .optional()
    .meta({
      description: 'The same as a box: west, south, east, north in degrees; west > east crosses 180.',
    }),
  incidence: z
    .tuple([z.number().min(0).max(180), z.number().min(0).max(180)])
    .refine(([low, high]) => low <= high, 'must have its lower bound first')
    .optional()
    .meta({ description: 'Incidence angle of the image, from and to, degrees.' }),
  known: z.boolean().optional().meta({ description: 'Whether a known object lies there.' }),
  model: z.string().min(1).max(200).optional().meta({ description: 'Model, as name or name@hash.' }),
  max_age: duration('Time since the archive announced the product after which it does not alert.').default(
    30 * 86_400,
  ),
  send: z
    .enum(['at_once', 'digest'], { message: 'must be at_once or digest' })
    .default('at_once')
    .meta({ description: 'One message for each, or all in a digest.' }),
  cooldown: duration('A place that alerted does not again for so long.').default(0),
  rate: z
    .strictObject({
      hour: z.int().min(0).max(10_000).optional().meta({ description: 'Messages in an hour.' }),
      day: z.int().min(0).max(100_000).optional().meta({ description: 'Messages in 24 hours.' }),
    })
    .default({})
    .meta({ description: 'Most messages sent at once; what goes beyond waits for the digest.' }),
  digest: z
    .strictObject({
      every: z.enum(['day', 'week'], { message: 'must be day or week' }).default('day'),
      hour: z.int().min(0).max(23).default(6).meta({ description: 'UTC.' }),
      weekday: z.enum(WEEKDAYS).default('monday'),
      top: z
        .int()
        .min(1)
        .max(100)
        .default(20)
        .meta({ description: 'Told one by one; the others are counted.' }),
    })
    .prefault({})
    .meta({ description: 'When a digest goes, and how many it tells.' }),
});

/** A rule as people write it, in YAML or JSON. */
export const ruleSchema = z.discriminatedUnion('channel', [
  common.extend({ channel: z.literal('webhook'), target: targets.webhook }),
  common.extend({ channel: z.literal('slack'), target: targets.slack }),
  common.extend({ channel: z.literal('email'), target: targets.email }),
  common.extend({ channel: z.literal('notify'), target: targets.notify }),
]);

export type Target = z.output<(typeof targets)[Channel]>;
export type WebhookTarget = z.output<typeof targets.webhook>;
export type SlackTarget = z.output<typeof targets.slack>;
export type EmailTarget = z.output<typeof targets.email>;
export type NotifyTarget = z.output<typeof targets.notify>;

/** What a detection must be; kept as it is in `alert_rule.filter`, where SQL reads it. */
export interface RuleFilter {
  readonly score?: number;
  readonly rank?: number;
  readonly status?: readonly AlertStatus[];
  readonly incidence?: readonly [number, number];
  readonly known?: boolean;
  readonly model?: string;
}

export interface DigestSchedule {
  readonly every: 'day' | 'week';
  /** UTC. */
  readonly hour: number;
  readonly weekday: (typeof WEEKDAYS)[number];
  readonly top: number;
}

/** When alerts of a rule go; kept in `alert_rule.policy`. */
export interface RulePolicy {
  readonly send: 'at_once' | 'digest';
  /** Seconds. */
  readonly cooldown: number;
  readonly rate: { readonly hour?: number | undefined; readonly day?: number | undefined };
  readonly digest: DigestSchedule;
}

/** A rule that was read and found good. */
export interface AlertRule {
  readonly name: string;
  readonly filter: RuleFilter;
  /** Null = anywhere. */
  readonly area: readonly AreaPolygon[] | null;
  readonly channel: Channel;
  readonly target: Target;
  readonly policy: RulePolicy;
  readonly maxAgeS: number;
}

/** Number of a weekday as `Date.getUTCDay` gives it. */
export function weekdayNumber(weekday: DigestSchedule['weekday']): number {
  return WEEKDAYS.indexOf(weekday);
}

/**
 * Reads a rule.
 *
 * @param origin names where it came from, for messages: a file, or the options of a command
 * @throws UsageError naming the field that is wrong
 */
export function readRule(given: unknown, origin: string): AlertRule {
  const read = ruleSchema.safeParse(given);
  if (!read.success) throw new UsageError(`${origin}: ${explain(read.error)}`);
  const { name, channel, target, max_age, send, cooldown, rate, digest, area, bbox, ...filter } = read.data;
  if (area !== undefined && bbox !== undefined)
    throw new UsageError(`${origin}: give area or bbox, one of the two.`);
  const box = bbox && boxArea({ west: bbox[0], south: bbox[1], east: bbox[2], north: bbox[3] });
  return {
    name,
    filter: Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)),
    area: area === undefined ? (box ?? null) : readArea(area),
    channel,
    target,
    policy: { send, cooldown, rate, digest },
    maxAgeS: max_age,
  };
}

function explain(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = issue?.path.join('.') ?? '';
  if (issue?.code === 'unrecognized_keys')
    return `there is no ${[path, issue.keys[0]].filter(Boolean).join('.')} in a rule; docs/alerts.md lists what it takes.`;
  if (issue?.code === 'invalid_union' && path === 'channel')
    return `channel must be one of ${CHANNELS.join(', ')}.`;
  if (path === 'target' && issue?.code === 'invalid_type')
    return 'target is missing: say where to send it, by --url or --url-secret, --to or --pg-channel; docs/alerts.md lists what a rule takes.';
  const message = issue?.message.replace(/^Invalid input: /, 'must be right: ') ?? 'is wrong';
  return `${path === '' ? 'the rule' : path} ${message}; docs/alerts.md lists what a rule takes.`;
}
