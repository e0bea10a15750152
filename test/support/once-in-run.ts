import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';

/** Longer than anything here takes on a machine that is busy, and shorter than the limit of a hook. */
const PATIENCE_MS = 110_000;

/** A folder of this test run, which goes with it. */
export function runFolder(): string {
  return inject('postgresFolder');
}

/**
 * What all test files of a run share, made by whichever of their processes asks first; the others wait for it.
 *
 * @param make makes it and gives where it is
 * @throws Error where it could not be made, in each process that asks
 */
export async function onceInRun(name: string, make: () => Promise<string>): Promise<string> {
  const [made, failed] = ['made', 'failed'].map((end) => join(runFolder(), `${name}.${end}`)) as [
    string,
    string,
  ];
  if (becomesFirst(join(runFolder(), `${name}.making`))) {
    try {
      publish(made, await make());
    } catch (error) {
      publish(failed, error instanceof Error ? error.message : String(error));
      throw error;
    }
  }
  const deadline = Date.now() + PATIENCE_MS;
  while (!existsSync(made)) {
    if (existsSync(failed)) throw new Error(`${name} was not made: ${readFileSync(failed, 'utf8')}`);
    if (Date.now() > deadline) throw new Error(`${name} was not made within ${PATIENCE_MS / 1000} seconds.`);
    await sleep(50);
  }
  return readFileSync(made, 'utf8');
}

function becomesFirst(marker: string): boolean {
  try {
    mkdirSync(marker);
    return true;
  } catch {
    return false;
  }
}

/** Nobody reads half of it. */
function publish(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
