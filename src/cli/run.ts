import { Command, Option } from 'commander';
import { ALL_ROLES, type Role } from '../domain/role.js';
import { Shutdown } from '../pipeline/shutdown.js';
import { readPauses } from '../store/queries/pauses.js';
import { queueStatus } from '../store/queries/queue-status.js';
import { answer, contextOf, type CommandContext } from './context.js';
import { currentGeoPackage } from './export-project.js';
import { EMBEDDED_OPTION, openCurrentDatabase } from './parts.js';
import { checkSource } from './open-archive.js';
import { rolesOf } from './roles.js';
import { createSingletonLock } from '../store/postgres/singleton-lock.js';
import type { Singleton } from '../store/postgres/advisory-lock.js';
import { watch } from './watch.js';

interface RunArguments {
  readonly once?: boolean;
  readonly role: ReadonlySet<Role>;
  readonly embedded?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export function runCommand(): Command {
  return new Command('run')
    .description('watch the archive: scan what is new and write detections to PostGIS')
    .option('--once', 'poll once, scan until the live lane is empty, then end (serves no HTTP)')
    .addOption(
      new Option(
        '--role <roles>',
        "what this process does of the deployment's work: all, or some of poll, scan, site, deliver and web with commas between",
      )
        .argParser(rolesOf)
        .default(ALL_ROLES, 'all'),
    )
    .option(...EMBEDDED_OPTION)
    .action(async (options: RunArguments) => {
      const context = contextOf(options);
      const shutdown = new Shutdown(context.log);
      try {
        await run(context, options, shutdown);
      } finally {
        await shutdown.release();
      }
    });
}

async function run(
  context: CommandContext,
  { once = false, role: roles, embedded }: RunArguments,
  shutdown: Shutdown,
): Promise<void> {
  const started = performance.now();
  await checkSource(context.config, once && (roles.has('poll') || roles.has('scan')));
  const db = await openCurrentDatabase(context.config, embedded);
  shutdown.onRelease('database', () => db.close());
  const alone = (singleton: Singleton) =>
    embedded === undefined ? singletonOf(singleton, context, shutdown) : () => Promise.resolve(true);
  const { tally, modelId, engine } = await watch(
    context,
    db,
    {
      once,
      roles,
      serve: !once,
      mayPoll: alone('poller'),
      mayBuild: alone('site-builder'),
      mayDeliver: alone('deliverer'),
      ...(embedded === undefined ? {} : { writeGeoPackage: currentGeoPackage(db) }),
    },
    shutdown,
  );
  const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
  const { live } = (await queueStatus(db, modelId)).lanes;
  const left = { queued: live.queued, claimed: live.claimed };
  const paused = (await readPauses(db)).live !== undefined;
  const scanned = tally.scanned ?? 0;
  const rest = Object.entries(tally).filter(([state]) => state !== 'scanned');
  answer(
    context,
    {
      scans: tally,
      left,
      paused,
      seconds,
      model: modelId,
      engine: engine?.engine ?? null,
      device: engine?.device ?? null,
    },
    [
      `${scanned} ${scanned === 1 ? 'image' : 'images'} scanned in ${seconds} s${rest.map(([state, count]) => `, ${count} ${state}`).join('')}.`,
      ...(left.queued + left.claimed === 0
        ? []
        : [
            paused
              ? `The live lane is paused with ${left.queued} queued; \`selenoscan resume\` goes on.`
              : `Left for a later run: ${left.queued} that wait to be tried again, ${left.claimed} claimed by other workers.`,
          ]),
    ],
  );
}

/** On a server several processes may run, of which one does it; an embedded database has this process alone. */
function singletonOf(
  singleton: Singleton,
  { config }: CommandContext,
  shutdown: Shutdown,
): () => Promise<boolean> {
  const lock = createSingletonLock(config.database.url, singleton);
  shutdown.onRelease(`${singleton} lock`, () => lock.release());
  return () => lock.held();
}
