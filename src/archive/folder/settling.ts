import type { Clock } from '../../domain/clock.js';
import { pathOf, type FileRef } from './walk-folder.js';

interface Seen {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  /** Since when it was seen so, ms. */
  readonly since: number;
}

/**
 * Tells files that are still being written. A file has settled when it did not change for a while: by the file
 * system's own time of its last change, or, where that clock is ahead of ours, by our watching it for so long.
 */
export class Settling {
  readonly #settleMs: number;
  readonly #clock: Pick<Clock, 'now'>;
  #seen = new Map<string, Seen>();
  #seenBefore = new Map<string, Seen>();

  constructor(settleMs: number, clock: Pick<Clock, 'now'>) {
    this.#settleMs = settleMs;
    this.#clock = clock;
  }

  /** Begins another look at the folder: what is not asked for in it is forgotten after it. */
  begin(): void {
    this.#seenBefore = this.#seen;
    this.#seen = new Map();
  }

  /** How long until a file has settled if it does not change any more, ms; 0 = it has. */
  remainingMs(file: FileRef): number {
    const now = this.#clock.now().getTime();
    const changed = Math.max(file.mtimeMs, file.ctimeMs);
    const byFileSystem = changed <= now ? changed + this.#settleMs - now : Infinity;
    if (byFileSystem <= 0) return 0;
    const byUs = this.#since(file, now) + this.#settleMs - now;
    return Math.max(0, Math.min(byFileSystem, byUs));
  }

  #since(file: FileRef, now: number): number {
    const path = pathOf(file);
    const before = this.#seen.get(path) ?? this.#seenBefore.get(path);
    const { size, mtimeMs, ctimeMs } = file;
    const same = before?.size === size && before.mtimeMs === mtimeMs && before.ctimeMs === ctimeMs;
    const since = same ? before.since : now;
    this.#seen.set(path, { size, mtimeMs, ctimeMs, since });
    return since;
  }
}
