import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder for what is long in the making and the same each time: images, Python environments, compiled kernels.
 * SELENOSCAN_BENCH_CACHE names another place for them.
 */
export function benchCache(...parts: string[]): string {
  const folder = join(process.env['SELENOSCAN_BENCH_CACHE'] ?? join(tmpdir(), 'selenoscan-bench'), ...parts);
  mkdirSync(folder, { recursive: true });
  return folder;
}
