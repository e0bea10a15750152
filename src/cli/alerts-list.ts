import { writeDuration } from '../alerts/duration.js';
import type { RulePolicy } from '../alerts/rule.js';
import type { Database } from '../store/database.js';
import { failedDeliveries } from '../store/queries/failed-deliveries.js';
import { countAlerts, listAlertRules, type RuleRow } from '../store/queries/list-alert-rules.js';
import { answer, type CommandContext } from './context.js';

export async function listAlerts(context: CommandContext, db: Database, failed: boolean): Promise<void> {
  if (failed) return listFailed(context, db);
  const rules = await listAlertRules(db);
  const counts = await countAlerts(db);
  const rows = rules.map((rule) => ({ ...shown(rule), alerts: counts.get(rule.id) ?? {} }));
  const lines = rules.map((rule) => ruleLine(rule, counts.get(rule.id) ?? {}));
  answer(
    context,
    { rules: rows },
    lines.length > 0
      ? lines
      : ['There is no rule yet; `selenoscan alerts add --help` tells how to make one.'],
  );
}

/** A rule as it is shown: a query in an address may be a key of the receiver, and is left out. */
export function shown(rule: RuleRow): RuleRow {
  const { url } = rule.target;
  return typeof url === 'string' ? { ...rule, target: { ...rule.target, url: withoutQuery(url) } } : rule;
}

export function ruleLine(rule: RuleRow, counts: Readonly<Record<string, number>>): string {
  const policy = rule.policy as unknown as RulePolicy;
  const { rate, digest, cooldown, send } = policy;
  const day = digest.every === 'week' ? digest.weekday : 'day';
  const when = [
    send === 'at_once' ? 'at once' : `digest every ${day} at ${digest.hour}:00 UTC, top ${digest.top}`,
    ...(rate.hour === undefined ? [] : [`${rate.hour} an hour`]),
    ...(rate.day === undefined ? [] : [`${rate.day} a day`]),
    ...(cooldown > 0 ? [`a place again after ${writeDuration(cooldown)}`] : []),
    `up to ${writeDuration(rule.max_age_s)} old`,
  ];
  const filter = Object.entries(rule.filter).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  const area = rule.area_km2 === null ? [] : [`area of ${Math.round(rule.area_km2)} km2`];
  const wanted = [...filter, ...area];
  const states = Object.entries(counts).map(([state, count]) => `${count} ${state}`);
  return [
    `${rule.enabled ? '*' : ' '} ${rule.name}`,
    wanted.length > 0 ? wanted.join(', ') : 'every detection',
    `${rule.channel} ${JSON.stringify(shown(rule).target)}`,
    when.join(', '),
    states.length > 0 ? states.join(', ') : 'no alerts yet',
  ].join('  ');
}

async function listFailed(context: CommandContext, db: Database): Promise<void> {
  const failed = await failedDeliveries(db);
  const lines = failed.map(
    ({ rule, kind, detection_id, attempts, error, created_at }) =>
      `${created_at.toISOString()}  ${rule}  ${detection_id === null ? kind : `detection ${detection_id}`}  ${attempts} attempts  ${error ?? ''}`,
  );
  answer(context, { failed }, lines.length > 0 ? lines : ['No message was given up.']);
}

function withoutQuery(url: string): string {
  const { origin, pathname, search } = new URL(url);
  return `${origin}${pathname}${search === '' ? '' : '?…'}`;
}
