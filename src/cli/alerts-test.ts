import { Command, Option } from 'commander';
import type { AlertFacts } from '../alerts/facts.js';
import { buildMessage, type AlertLinks, type AlertMessage } from '../alerts/message.js';
import type { RulePolicy } from '../alerts/rule.js';
import { simulate, type SimulatedMessage, type Simulation } from '../alerts/simulate.js';
import { UsageError } from '../domain/errors.js';
import type { Database } from '../store/database.js';
import { listAlertRules } from '../store/queries/list-alert-rules.js';
import { pastMatches } from '../store/queries/past-matches.js';
import { prepareRuleArea } from '../store/queries/put-alert-rule.js';
import { ruleOf, withRuleOptions, type RuleArguments } from './alerts-rule-options.js';
import { answer, contextOf, withCommonOptions, type CommandContext } from './context.js';
import { dateOrAge } from './dates.js';
import { whole } from './numbers.js';
import { alertLinks, openLinkPads } from './open-deliverer.js';
import { EMBEDDED_OPTION, openCurrentDatabase } from './parts.js';

interface TestArguments extends RuleArguments {
  readonly since: Date;
  readonly limit: number;
  readonly embedded?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** More than these are not simulated: a rule that matches so many alerts nobody to any purpose. */
const MOST = 100_000;

/** `selenoscan alerts test` */
export function testCommand(): Command {
  const command = new Command('test')
    .description(
      'what a rule would have sent of past detections, with its rate limit, cool-down and digests; sends nothing',
    )
    .argument(
      '[name]',
      'name of a rule that was added; without one, the rule that options and --file describe',
    )
    .addOption(
      new Option('--since <date|age>', 'scans committed since, e.g. 2026-04-30 or 30d')
        .argParser(dateOrAge)
        .default(dateOrAge('30d'), '30d'),
    )
    .option('--limit <count>', 'messages shown', whole(1), 20);
  return withCommonOptions(withRuleOptions(command).option(...EMBEDDED_OPTION))
    .exitOverride()
    .action(async (name: string | undefined) => {
      const options: TestArguments = command.optsWithGlobals();
      const context = contextOf(options);
      const db = await openCurrentDatabase(context.config, options.embedded, { existing: true });
      try {
        await test(context, db, await wanted(context, db, name, options), options);
      } finally {
        await db.close();
      }
    });
}

interface Wanted {
  readonly name: string;
  readonly filter: object;
  readonly area: string | null;
  readonly policy: RulePolicy;
}

async function wanted(
  context: CommandContext,
  db: Database,
  name: string | undefined,
  options: TestArguments,
): Promise<Wanted> {
  const described = options.file !== undefined || options.channel !== undefined;
  if (name !== undefined && !described) {
    const rule = (await listAlertRules(db)).find((each) => each.name === name);
    if (rule === undefined)
      throw new UsageError(
        `There is no rule ${name}; \`selenoscan alerts list\` shows those there are, and --file or --channel describes another.`,
      );
    return { name, filter: rule.filter, area: rule.area, policy: rule.policy as unknown as RulePolicy };
  }
  const rule = ruleOf(name, options, context.config);
  const area = rule.area === null ? null : (await prepareRuleArea(db, rule.area)).area;
  return { name: rule.name, filter: rule.filter, area, policy: rule.policy };
}

async function test(
  context: CommandContext,
  db: Database,
  rule: Wanted,
  options: TestArguments,
): Promise<void> {
  const until = new Date();
  const matches = await pastMatches(db, rule, { since: options.since, until }, MOST + 1);
  if (matches.length > MOST)
    throw new UsageError(
      `The rule matches more than ${MOST} detections since ${options.since.toISOString()}: raise its score, or give a later --since.`,
    );
  const timed = matches.map(({ scanned_at: at, payload }) => ({
    at,
    facts: payload as unknown as AlertFacts,
  }));
  const simulation = simulate(rule.policy, timed, until);
  const links = await alertLinks(context.config, db, await openLinkPads(context.config, db));
  const shown = simulation.messages.slice(0, options.limit).map((sent) => messageOf(rule.name, sent, links));
  const { matched, suppressed, held, messages } = simulation;
  answer(
    context,
    {
      rule: rule.name,
      since: options.since.toISOString(),
      matched,
      would_send: messages.length,
      suppressed,
      held,
      messages: shown.map(({ at, message }) => ({
        at: at.toISOString(),
        kind: message.kind,
        title: message.title,
        detections: message.items.map(({ facts }) => facts.id),
        more: message.more,
      })),
    },
    [
      ...shown.map(({ at, message }) => `${at.toISOString()}  ${message.title}`),
      ...(shown.length < messages.length ? [`… and ${messages.length - shown.length} more.`] : []),
      summary(rule, simulation),
    ],
  );
}

function summary(rule: Wanted, { matched, messages, suppressed, held }: Simulation): string {
  const hasChange = ((rule.filter as { status?: string[] }).status ?? []).includes('change');
  const parts = [
    `${matched} detections match; ${messages.length} messages would have been sent`,
    `${suppressed} were left out by the cool-down`,
    `${held} would wait for the next digest`,
  ];
  return `${parts.join(', ')}.${hasChange ? ' Changes are known at the moment of the build of the sites alone, and are not among them.' : ''}`;
}

function messageOf(
  rule: string,
  { at, kind, items, count }: SimulatedMessage,
  links: AlertLinks,
): { at: Date; message: AlertMessage } {
  const key = '00000000-0000-0000-0000-000000000000';
  const [first] = items;
  if (kind === 'alert' && first !== undefined)
    return { at, message: buildMessage({ key, rule, kind, payload: first }, links) };
  const iso = at.toISOString();
  return {
    at,
    message: buildMessage(
      { key, rule, kind: 'digest', payload: { items, count, since: iso, until: iso } },
      links,
    ),
  };
}
