import { Command, Option } from 'commander';
import type { Lane } from '../domain/scan.js';
import { pauseLanes, resumeLanes } from '../store/queries/pauses.js';
import { answer, contextOf } from './context.js';
import { EMBEDDED_OPTION, openCurrentDatabase } from './parts.js';

interface PauseArguments {
  readonly lane?: Lane;
  readonly reason?: string;
  readonly embedded?: string;
  readonly config?: string;
  readonly json?: boolean;
}

const LANES: readonly Lane[] = ['live', 'backfill'];
const laneOption = () => new Option('--lane <lane>', 'only this lane').choices(LANES);

export function pauseCommand(): Command {
  return new Command('pause')
    .description(
      'claim no further images in the whole deployment, and poll no more; what is in work is finished. One lane alone: the other goes on, and so do the polls',
    )
    .addOption(laneOption())
    .option('--reason <text>', 'shown by status', '')
    .option(...EMBEDDED_OPTION)
    .action(async (options: PauseArguments) => {
      const context = contextOf(options);
      const db = await openCurrentDatabase(context.config, options.embedded, { existing: true });
      try {
        const lanes = options.lane === undefined ? LANES : [options.lane];
        await pauseLanes(db, lanes, options.reason ?? '');
        answer(context, { paused: lanes }, [
          `Paused: ${lanes.join(' and ')}; images in work are finished, \`selenoscan resume\` goes on.`,
        ]);
      } finally {
        await db.close();
      }
    });
}

export function resumeCommand(): Command {
  return new Command('resume')
    .description('go on after pause')
    .addOption(laneOption())
    .option(...EMBEDDED_OPTION)
    .action(async (options: PauseArguments) => {
      const context = contextOf(options);
      const db = await openCurrentDatabase(context.config, options.embedded, { existing: true });
      try {
        const resumed = await resumeLanes(db, options.lane === undefined ? LANES : [options.lane]);
        answer(context, { resumed }, [
          resumed.length === 0
            ? 'Nothing was paused.'
            : `Goes on: ${resumed.sort().reverse().join(' and ')}.`,
        ]);
      } finally {
        await db.close();
      }
    });
}
