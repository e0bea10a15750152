import { Command } from 'commander';
import type { AlertRule } from '../alerts/rule.js';
import { UsageError } from '../domain/errors.js';
import type { Database } from '../store/database.js';
import { listAlertRules } from '../store/queries/list-alert-rules.js';
import { prepareRuleArea, putAlertRule, type PreparedArea } from '../store/queries/put-alert-rule.js';
import { ruleLine, shown } from './alerts-list.js';
import { ruleOf, withRuleOptions, type RuleArguments } from './alerts-rule-options.js';
import { answer, contextOf, withCommonOptions } from './context.js';
import { EMBEDDED_OPTION, openCurrentDatabase } from './parts.js';

interface AddArguments extends RuleArguments {
  readonly embedded?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** `selenoscan alerts add` */
export function addCommand(): Command {
  const command = new Command('add')
    .description('add a rule, from options or a file; it matches what is scanned from now on')
    .argument('[name]', 'name of the rule');
  return withCommonOptions(withRuleOptions(command).option(...EMBEDDED_OPTION))
    .exitOverride()
    .action(async (name: string | undefined) => {
      const options: AddArguments = command.optsWithGlobals();
      const context = contextOf(options);
      if (name === undefined && options.file === undefined)
        throw new UsageError('Name the rule, or give its file by --file.');
      const rule = ruleOf(name, options, context.config);
      const db = await openCurrentDatabase(context.config, options.embedded, { existing: true });
      try {
        const area = await store(db, rule);
        const stored = (await listAlertRules(db)).find((each) => each.name === rule.name);
        if (stored === undefined) throw new UsageError(`The rule ${rule.name} was removed meanwhile.`);
        answer(context, { rule: shown(stored) }, [
          ruleLine(stored, {}),
          ...(area === null ? [] : [areaLine(area)]),
          'It matches what is scanned from now on; `selenoscan alerts test` shows what it would have sent.',
        ]);
      } finally {
        await db.close();
      }
    });
}

async function store(db: Database, rule: AlertRule): Promise<PreparedArea | null> {
  return db.transaction(async (tx) => {
    const area = rule.area === null ? null : await prepareRuleArea(tx, rule.area);
    await putAlertRule(tx, rule, area);
    return area;
  });
}

function areaLine({ west, east, south, north, km2 }: PreparedArea): string {
  return `Its area: ${Number(km2.toPrecision(4))} km2, longitudes ${west} to ${east}, latitudes ${south} to ${north}.`;
}
