import type { ArchiveSource } from '../archive/archive-source.js';
import type { Database } from '../store/database.js';
import { getSetting } from '../store/queries/get-setting.js';
import { putSetting } from '../store/queries/put-setting.js';

type Source = Pick<ArchiveSource, 'id' | 'formerId' | 'withSearched'>;

/** Each archive and data set has a state of its own. */
const stateKey = ({ id }: Source) => `archive.state ${id}`;
/** What searches found is kept apart: the poller alone writes its state. */
const searchedKey = ({ id }: Source) => `archive.searched ${id}`;

/** What the poller remembers of the archive; null before the first poll. */
export async function readPollState(db: Database, archive: Source): Promise<unknown> {
  const state = (await getSetting(db, stateKey(archive))) ?? (await formerState(db, archive));
  const searched = (await getSetting(db, searchedKey(archive))) as unknown[] | null;
  return searched === null || archive.withSearched === undefined
    ? state
    : archive.withSearched(state, searched);
}

async function formerState(db: Database, { formerId }: Source): Promise<unknown> {
  if (formerId === undefined) return null;
  const [row] = await db.query<{ value: unknown }>(
    `SELECT value FROM selenoscan_data.setting WHERE starts_with(key, $1) ORDER BY updated_at DESC LIMIT 1`,
    [`archive.state ${formerId} http`],
  );
  return row?.value ?? null;
}

export async function keepPollState(db: Database, archive: Source, state: unknown): Promise<void> {
  await putSetting(db, stateKey(archive), state);
}

/** Lets later polls ask whether what a search found has changed. */
export async function rememberSearched(
  db: Database,
  archive: Source,
  states: readonly unknown[],
): Promise<void> {
  if (archive.withSearched === undefined || states.length === 0) return;
  await db.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [searchedKey(archive)]);
    const before = ((await getSetting(tx, searchedKey(archive))) ?? []) as unknown[];
    const all = new Map([...before, ...states].map((state) => [JSON.stringify(state), state]));
    await putSetting(tx, searchedKey(archive), [...all.values()]);
  });
}
