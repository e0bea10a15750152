import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as clusterScript from '../../scripts/test/cluster.js';

/** Compiled benches lie elsewhere than the scripts, which run as they are; the working directory is the root. */
export const cluster = (await import(
  pathToFileURL(resolve('scripts/test/cluster.js')).href
)) as typeof clusterScript;

/** Runs `work` on a PostGIS server of its own with the product's schema; nothing is left of it. */
export async function withServer<T>(
  settings: Record<string, string>,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const folder = cluster.createClusterFolder();
  try {
    const url = await cluster.startCluster(folder, settings);
    migrate(url);
    return await work(url);
  } finally {
    cluster.stopCluster(folder);
  }
}

/** Brings a database up to the product's schema by its own command. */
export function migrate(url: string): void {
  const { status, stderr } = spawnSync(process.execPath, ['bin/selenoscan.js', 'migrate'], {
    env: { ...process.env, DATABASE_URL: url },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}
