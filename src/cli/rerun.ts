import { Command, Option } from 'commander';
import { UsageError } from '../domain/errors.js';
import { activeModel } from '../store/queries/active-model.js';
import { listModels } from '../store/queries/list-models.js';
import { requeueScans, type RequeueFilter } from '../store/queries/requeue-scans.js';
import { answer, contextOf } from './context.js';
import { dateOrAge } from './dates.js';
import { EMBEDDED_OPTION, openCurrentDatabase } from './parts.js';

const STATES = ['failed', 'invalid', 'missing', 'skipped', 'scanned'] as const;

interface RerunArguments {
  readonly state: (typeof STATES)[number];
  readonly error?: string;
  readonly since?: Date;
  readonly before?: Date;
  readonly model?: string;
  readonly embedded?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export function rerunCommand(): Command {
  return new Command('rerun')
    .description(
      'queue scans again that had come to an end, whatever the limits say now; results stay until the new ones are there',
    )
    .addOption(new Option('--state <state>', 'which scans').choices(STATES).makeOptionMandatory())
    .option('--error <prefix>', 'only those whose error code begins so')
    .option(
      '--since <date|age>',
      'only those that came into their state since, e.g. 2026-04-30 or 12h',
      dateOrAge,
    )
    .option('--before <date|age>', 'only those that came into their state before, e.g. 30d', dateOrAge)
    .option('--model <id>', 'of this model instead of the active one')
    .option(...EMBEDDED_OPTION)
    .action(async (options: RerunArguments) => {
      const context = contextOf(options);
      const db = await openCurrentDatabase(context.config, options.embedded, { existing: true });
      try {
        const modelId = options.model ?? (await activeModel(db));
        if (modelId === null)
          throw new UsageError(
            'No model is active yet, so nothing was ever scanned; run `selenoscan run` first.',
          );
        if (options.model !== undefined && !(await listModels(db)).some(({ id }) => id === options.model))
          throw new UsageError(
            `No model ${options.model} is known to this database; \`selenoscan model list\` names those that are.`,
          );
        const filter: RequeueFilter = {
          modelId,
          states: [options.state],
          ...(options.error === undefined ? {} : { errorPrefix: options.error }),
          ...(options.since === undefined ? {} : { since: options.since }),
          ...(options.before === undefined ? {} : { before: options.before }),
        };
        const queued = await requeueScans(db, filter);
        answer(context, { queued }, [`${queued} ${queued === 1 ? 'scan' : 'scans'} queued again.`]);
      } finally {
        await db.close();
      }
    });
}
