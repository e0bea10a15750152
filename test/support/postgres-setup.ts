import type { TestProject } from 'vitest/node';
import { createClusterFolder, stopCluster } from '../../scripts/test/cluster.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the throwaway PostgreSQL server; the first test that needs it starts it there. */
    postgresFolder: string;
  }
}

/** Names the server's folder to all workers, and stops the server after them where nobody else does. */
export default function setup(project: TestProject): (() => void) | undefined {
  const given = process.env['SELENOSCAN_TEST_CLUSTER'];
  const folder = given ?? createClusterFolder();
  project.provide('postgresFolder', folder);
  return given === undefined ? () => stopCluster(folder) : undefined;
}
