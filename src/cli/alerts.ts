import { Command } from 'commander';
import { UsageError } from '../domain/errors.js';
import { Shutdown } from '../pipeline/shutdown.js';
import type { Database } from '../store/database.js';
import { createSingletonLock } from '../store/postgres/singleton-lock.js';
import { enableAlertRule, removeAlertRule } from '../store/queries/change-alert-rule.js';
import { requeueFailed } from '../store/queries/failed-deliveries.js';
import { addCommand } from './alerts-add.js';
import { listAlerts } from './alerts-list.js';
import { testCommand } from './alerts-test.js';
import { answer, contextOf, withCommonOptions, type CommandContext } from './context.js';
import { openDeliverer } from './open-deliverer.js';
import { EMBEDDED_OPTION, openCurrentDatabase } from './parts.js';

interface AlertArguments {
  readonly failed?: boolean;
  readonly embedded?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** `selenoscan alerts list|add|remove|enable|disable|test|deliver` */
export function alertsCommand(): Command {
  const command = new Command('alerts').description(
    'rules by which detections are told by webhook, Slack, e-mail or NOTIFY, and what they send',
  );
  const named = (name: string, about: string, work: Work): void => {
    command.addCommand(
      onDatabase(new Command(name).description(about).argument('<name>', 'name of the rule'), work),
    );
  };
  command.addCommand(
    onDatabase(
      new Command('list')
        .description('the rules, and what became of their alerts')
        .option('--failed', 'the messages that were given up instead'),
      (context, db, _name, { failed }) => listAlerts(context, db, failed === true),
    ),
  );
  command.addCommand(addCommand());
  named('remove', 'remove a rule with all its alerts, also those not sent yet', remove);
  named('enable', 'let a rule match again, and send what waits', (context, db, name) =>
    enable(context, db, name, true),
  );
  named('disable', 'let a rule match nothing and send nothing; what waits is kept', (context, db, name) =>
    enable(context, db, name, false),
  );
  command.addCommand(testCommand());
  command.addCommand(
    onDatabase(
      new Command('deliver')
        .description('send what is due now, each receiver until it fails, and end')
        .option('--failed', 'with the messages that were given up'),
      deliver,
    ),
  );
  return command;
}

type Work = (context: CommandContext, db: Database, name: string, options: AlertArguments) => Promise<void>;

function onDatabase(command: Command, work: Work): Command {
  return withCommonOptions(command.option(...EMBEDDED_OPTION))
    .exitOverride()
    .action(async (...given: unknown[]) => {
      const name = typeof given[0] === 'string' ? given[0] : '';
      const options: AlertArguments = command.optsWithGlobals();
      const context = contextOf(options);
      const db = await openCurrentDatabase(context.config, options.embedded, { existing: true });
      try {
        await work(context, db, name, options);
      } finally {
        await db.close();
      }
    });
}

async function remove(context: CommandContext, db: Database, name: string): Promise<void> {
  if (!(await removeAlertRule(db, name))) throw unknownRule(name);
  answer(context, { removed: name }, [`The rule ${name} is removed.`]);
}

async function enable(context: CommandContext, db: Database, name: string, enabled: boolean): Promise<void> {
  if (!(await enableAlertRule(db, name, enabled))) throw unknownRule(name);
  answer(context, { name, enabled }, [`The rule ${name} is ${enabled ? 'enabled' : 'disabled'}.`]);
}

export function unknownRule(name: string): UsageError {
  return new UsageError(`There is no rule ${name}; \`selenoscan alerts list\` shows those there are.`);
}

async function deliver(
  context: CommandContext,
  db: Database,
  _name: string,
  options: AlertArguments,
): Promise<void> {
  const shutdown = new Shutdown(context.log);
  try {
    const requeued = options.failed === true ? await requeueFailed(db) : 0;
    const lock =
      options.embedded === undefined ? createSingletonLock(context.config.database.url, 'deliverer') : null;
    shutdown.onRelease('deliverer lock', () => lock?.release() ?? Promise.resolve());
    const deliverer = await openDeliverer(context.config, db, {
      log: context.log,
      mayDeliver: () => lock?.held() ?? Promise.resolve(true),
    });
    const tally = await deliverer.deliverDue(shutdown.signal);
    if (tally === null) {
      answer(context, { left_to_another: true, requeued }, [
        'Another process of this deployment delivers: it sends what is due.',
      ]);
      return;
    }
    answer(context, { ...tally, requeued }, [
      `${tally.sent} sent${tally.retried > 0 ? `, ${tally.retried} to be tried again` : ''}${tally.failed > 0 ? `, ${tally.failed} given up` : ''}.`,
    ]);
  } finally {
    await shutdown.release();
  }
}
