import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openEmbedded } from '../../../src/store/embedded/open-embedded.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { Subject } from './crash-rounds.js';

/** A database of the throwaway server. */
export async function onPostgres(workers: number, env: Record<string, string> = {}): Promise<Subject> {
  const { db, url } = await createTestDatabase();
  return {
    args: [],
    env: { DATABASE_URL: url, SELENOSCAN_SCORING_WORKERS: '1', ...env },
    workers,
    look: (work) => work(db),
  };
}

/** A database in a directory: of one process at a time. */
export async function onEmbedded(): Promise<Subject> {
  const folder = await mkdtemp(join(tmpdir(), 'selenoscan-chaos-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const dir = join(folder, 'database');
  return {
    args: ['--embedded', dir],
    env: {},
    workers: 1,
    async look(work) {
      const db = await openEmbedded({ dir });
      try {
        return await work(db);
      } finally {
        await db.close();
      }
    },
  };
}
