import { rm } from 'node:fs/promises';
import { Command } from 'commander';
import { describeDefaults } from '../config/describe.js';
import { isUserFacing } from '../domain/errors.js';
import { capacityOf } from '../domain/capacity.js';
import type { Database } from '../store/database.js';
import { activeModel } from '../store/queries/active-model.js';
import { recentScans } from '../store/queries/recent-scans.js';
import { releaseRate } from '../store/queries/release-rate.js';
import { checkEngine, describeEngines } from './check-engine.js';
import { answer, contextOf, type CommandContext } from './context.js';
import { openSource } from './open-archive.js';
import { openTerrain } from './open-terrain.js';
import { createDownloadFolder } from '../archive/fetch/download-folder.js';
import { downloadDir, openCurrentDatabase } from './parts.js';
import { paceLines } from './status-lines.js';

interface Finding {
  readonly part: string;
  readonly ok: boolean;
  readonly line: string;
}

/** A part that has not answered by then has failed, ms. */
const PATIENCE_MS = 60_000;

interface CheckArguments {
  readonly archive?: boolean;
  readonly engine?: boolean;
  readonly database?: boolean;
  readonly defaults?: boolean;
  readonly config?: string;
  readonly json?: boolean;
}

export function checkCommand(): Command {
  return new Command('check')
    .description(
      'configuration, database, engine and archive, each with one clear line; all when none is named',
    )
    .option('--database', 'check the database alone')
    .option('--engine', 'check the scoring engine alone, and say which engines there are')
    .option('--archive', 'check the archive alone')
    .option('--defaults', 'print config/default.yaml and end')
    .action(async (options: CheckArguments) => {
      if (options.defaults) {
        process.stdout.write(describeDefaults());
        return;
      }
      const context = contextOf(options);
      const parts: [string, boolean | undefined, (context: CommandContext) => Promise<string>][] = [
        ['database', options.database, checkDatabase],
        ['engine', options.engine, ({ config }) => checkEngine(config)],
        ['archive', options.archive, checkArchive],
      ];
      if (context.config.geo.dem !== '') parts.push(['terrain', undefined, checkTerrain]);
      const named = parts.some(([, asked]) => asked === true);
      const findings: Finding[] = [{ part: 'config', ok: true, line: 'valid' }];
      for (const [part, asked, check] of parts)
        if (!named || asked) findings.push(await finding(part, () => check(context)));
      if (options.engine) findings.push(...(await otherEngines()));
      answer(
        context,
        { ok: findings.every(({ ok }) => ok), checks: findings },
        findings.map(({ part, ok, line }) => `${ok ? 'ok    ' : 'FAILED'} ${part.padEnd(9)} ${line}`),
      );
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
    });
}

/** What could score beside the chosen engine; one that is of no use is no fault. */
async function otherEngines(): Promise<Finding[]> {
  const engines = await describeEngines();
  return engines.map(({ engine, line }) => ({ part: engine, ok: true, line }));
}

async function finding(part: string, check: () => Promise<string>): Promise<Finding> {
  try {
    return { part, ok: true, line: await check() };
  } catch (error) {
    if (!isUserFacing(error)) throw error;
    return { part, ok: false, line: error.message };
  }
}

async function checkDatabase({ config }: CommandContext): Promise<string> {
  const db = await openCurrentDatabase(config);
  try {
    const [row] = await db.query<{ version: string }>('SELECT postgis_lib_version() AS version');
    const model = await activeModel(db);
    const pace = model === null ? [] : await paceOf(db, model);
    return [
      `reached; PostGIS ${row?.version ?? '?'}, schema up to date, active model ${model ?? 'none yet'}`,
      ...pace,
    ].join('; ');
  } finally {
    await db.close();
  }
}

/** What this deployment did lately in a day, and what the archive gave it to do. */
async function paceOf(db: Database, model: string): Promise<string[]> {
  const capacity = capacityOf(await recentScans(db, model));
  return paceLines(capacity, await releaseRate(db, model)).map((text) => text.replace(/ +/, ' '));
}

async function checkTerrain({ config }: CommandContext): Promise<string> {
  const dem = await openTerrain(config);
  await dem?.close();
  return `${config.geo.dem} is of the Moon, a height every ${dem?.spacingM.toFixed(1) ?? '?'} m`;
}

async function checkArchive({ config }: CommandContext): Promise<string> {
  const archive = openSource(config);
  try {
    const line = await archive.check(AbortSignal.timeout(PATIENCE_MS));
    if (config.archive.source === 'folder') return line;
    await rm(await createDownloadFolder(downloadDir(config)), { recursive: true });
    const unknown = config.archive.contact === '' ? '; it cannot reach you: set archive.contact' : '';
    return line + unknown;
  } finally {
    await archive.close();
  }
}
