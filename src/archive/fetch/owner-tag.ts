import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/** What nobody touched for so long belongs to nobody: its owner touches it every minute, ms. */
export const UNTOUCHED_MS = 15 * 60_000;
/** How often an owner touches what is its own, ms. */
export const TOUCH_MS = 60_000;

const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
/** Tells this process from an earlier one with the same number, as in a container that was started again. */
const RUN = randomBytes(4).toString('hex');

/** Names this process in a file name: `<host>-<pid>-<run>`, without dots. */
export function ownerTag(): string {
  return `${HOST}-${process.pid}-${RUN}`;
}

/** Owner of what anybody may take. */
export const NOBODY = 'free';

/**
 * Whether a file's owner has ended. One on another host cannot be asked: it is gone when it did not touch its
 * file for a quarter of an hour.
 * @param touchedMs when the file was last changed, ms since the epoch
 */
export function isAbandoned(tag: string, touchedMs: number, nowMs: number): boolean {
  if (tag === NOBODY || nowMs - touchedMs > UNTOUCHED_MS) return true;
  return hasEnded(tag) ?? false;
}

/** Whether the process that a tag names has ended; null where it is one of another host. */
export function hasEnded(tag: string): boolean | null {
  const [host, pid = '', run] = tag.split('-');
  if (host !== HOST) return null;
  if (Number(pid) === process.pid) return run !== RUN;
  return !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
