import { resolve } from 'node:path';
import { OperationalError } from '../../domain/errors.js';
import type { Database } from '../database.js';
import {
  beginCreation,
  damaged,
  dataFolder,
  endCreation,
  holdsDatabase,
  inspectDirectory,
  makeDirectory,
} from './data-directory.js';
import { DISK_FULL } from './engine-reason.js';
import { lockDirectory } from './directory-lock.js';
import { EmbeddedDatabase } from './embedded-database.js';
import { EngineThread } from './engine-thread.js';

export interface EmbeddedOptions {
  /** Where the database is, or is to be made: a directory of its own. */
  readonly dir: string;
  /** Only a database that is there already is opened; default: one is made where there is none. */
  readonly existing?: boolean;
  /** Where the snapshot is kept from which databases are made; default: beside the dependencies. */
  readonly cacheFolder?: string;
}

/**
 * Opens the database in a directory, and makes one where the directory is empty or absent: PostgreSQL with
 * PostGIS inside this process, in a thread of its own, for this process alone. The schema is the caller's
 * to migrate. It takes about 900 MB of memory; values and errors are as from a server.
 *
 * A transaction that was acknowledged survives the death of the process, however it dies, and one that was
 * not is not there at all. The loss of power or of the whole machine is not covered: the engine does not
 * wait for the disk, so what the last seconds wrote may be lost or damaged then.
 *
 * @throws OperationalError of one sentence: `database_in_use` (by another process), `database_directory`
 *   (not to be written to), `database_absent` (none there), `database_foreign` (holds something else),
 *   `database_version` (made by another engine), `database_damaged`.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Database> {
  const dir = resolve(options.dir);
  if (options.existing === true && !(await holdsDatabase(dir)))
    throw new OperationalError(
      'database_absent',
      `${dir} holds no database: name the directory that was given to run --embedded.`,
    );
  await makeDirectory(dir);
  // Before the lock is written: nothing is left in a directory that is somebody else's.
  await inspectDirectory(dir);
  const lock = await lockDirectory(dir);
  const database = new EmbeddedDatabase({
    dir,
    start: () => startEngine(dir, options.cacheFolder),
    release: () => lock.release(),
  });
  try {
    await database.open();
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function startEngine(dir: string, cacheFolder: string | undefined): Promise<EngineThread> {
  const create = (await inspectDirectory(dir)) === 'new';
  if (create) await beginCreation(dir);
  try {
    const thread = await EngineThread.start({ folder: dataFolder(dir), create, cacheFolder });
    if (create) await endCreation(dir);
    return thread;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!create && reason !== DISK_FULL) throw damaged(dir, reason, error);
    throw new OperationalError(
      'database_creation',
      create
        ? `The database in ${dir} could not be made (${reason}): name a directory with 100 MB of free space.`
        : `The database in ${dir} could not be opened (${reason}): make 100 MB of room there.`,
      { cause: error },
    );
  }
}
