import { readFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { AllowedAddresses } from '../alerts/addresses.js';
import { checkHost } from '../alerts/guarded-agent.js';
import { ALERT_STATUSES, CHANNELS, readRule, type AlertRule } from '../alerts/rule.js';
import { parseYaml } from '../config/parse-yaml.js';
import type { Config } from '../config/schema.js';
import { UsageError } from '../domain/errors.js';
import { numberFrom, whole } from './numbers.js';

/** Options that say what a rule is; names are those of a rule's file. */
export interface RuleArguments {
  readonly file?: string;
  readonly score?: number;
  readonly rank?: number;
  readonly status?: string[];
  readonly area?: string;
  readonly bbox?: string;
  readonly incidence?: string;
  readonly known?: string;
  readonly model?: string;
  readonly maxAge?: string;
  readonly channel?: string;
  readonly url?: string;
  readonly urlSecret?: string;
  readonly secret?: string;
  readonly to?: string[];
  readonly pgChannel?: string;
  readonly send?: string;
  readonly cooldown?: string;
  readonly perHour?: number;
  readonly perDay?: number;
  readonly every?: string;
  readonly hour?: number;
  readonly weekday?: string;
  readonly top?: number;
}

export function withRuleOptions(command: Command): Command {
  return command
    .option('--file <path>', 'the rule as YAML or JSON; options override its fields')
    .option('--score <least>', 'least score', numberFrom(-1000, 1000))
    .option('--rank <lowest>', 'lowest rank in its image; 1 = only the best', whole(1))
    .addOption(
      new Option('--status <status...>', 'status of its site, or change').choices([...ALERT_STATUSES]),
    )
    .option('--area <geojson>', 'file with the area: GeoJSON in degrees on the Moon')
    .option('--bbox <west,south,east,north>', 'area as a box in degrees; west > east crosses 180')
    .option('--incidence <from,to>', 'incidence angle of the image, degrees')
    .addOption(new Option('--known <yes|no>', 'whether a known object lies there').choices(['yes', 'no']))
    .option('--model <name>', 'model, as name or name@hash')
    .option('--max-age <time>', 'time since the archive announced the product, e.g. 30d (default: 30d)')
    .addOption(new Option('--channel <channel>', 'how it is told').choices([...CHANNELS]))
    .option('--url <address>', 'of a webhook')
    .option('--url-secret <name>', 'secret that holds the address of a webhook or of Slack')
    .option('--secret <name>', 'secret that signs the requests of a webhook')
    .option('--to <address...>', 'who gets the e-mail')
    .option('--pg-channel <name>', 'channel of NOTIFY')
    .addOption(new Option('--send <when>', 'one message each, or a digest').choices(['at_once', 'digest']))
    .option('--cooldown <time>', 'a place that alerted does not again for so long, e.g. 24h')
    .option('--per-hour <count>', 'most messages an hour; the others go to the digest', whole(0))
    .option('--per-day <count>', 'most messages in 24 hours', whole(0))
    .addOption(new Option('--every <period>', 'how often the digest goes').choices(['day', 'week']))
    .option('--hour <hour>', 'hour at which it goes, UTC', whole(0, 23))
    .option('--weekday <day>', 'day on which the weekly one goes')
    .option('--top <count>', 'detections that it tells one by one', whole(1, 100));
}

/**
 * The rule that options and their file describe.
 *
 * @throws UsageError naming file or field
 */
export function ruleOf(name: string | undefined, options: RuleArguments, config: Config): AlertRule {
  const base = options.file === undefined ? {} : readYaml(options.file);
  const given = { ...base, ...fieldsOf(name, options, base) };
  const rule = readRule(given, options.file ?? 'The rule');
  if (rule.channel === 'webhook' && 'url' in rule.target && rule.target.url !== undefined)
    checkHost(new URL(rule.target.url), new AllowedAddresses(config.alerts.private));
  return rule;
}

function fieldsOf(name: string | undefined, o: RuleArguments, base: Record<string, unknown>): object {
  const target = defined({
    url: o.url,
    url_secret: o.urlSecret,
    secret: o.secret,
    to: o.to,
    channel: o.pgChannel,
  });
  return defined({
    name,
    score: o.score,
    rank: o.rank,
    status: o.status,
    area: o.area === undefined ? undefined : readYaml(o.area),
    bbox: numbersOf(o.bbox),
    incidence: numbersOf(o.incidence),
    known: o.known === undefined ? undefined : o.known === 'yes',
    model: o.model,
    max_age: o.maxAge,
    channel: o.channel,
    target: merged(base['target'], target),
    send: o.send,
    cooldown: o.cooldown,
    rate: merged(base['rate'], defined({ hour: o.perHour, day: o.perDay })),
    digest: merged(base['digest'], defined({ every: o.every, hour: o.hour, weekday: o.weekday, top: o.top })),
  });
}

function merged(base: unknown, changes: object): object | undefined {
  if (Object.keys(changes).length === 0) return undefined;
  return { ...(base as object | undefined), ...changes };
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function numbersOf(text: string | undefined): number[] | undefined {
  return text?.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
}

function readYaml(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`${path} cannot be read; check the path.`, { cause });
  }
  try {
    const value = parseYaml(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (cause) {
    throw new UsageError(`${path} is neither YAML nor JSON; docs/alerts.md shows what a rule looks like.`, {
      cause,
    });
  }
  throw new UsageError(`${path} holds no fields; docs/alerts.md shows what a rule looks like.`);
}
