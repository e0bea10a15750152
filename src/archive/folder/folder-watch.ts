import { watch, type FSWatcher } from 'chokidar';
import { basename } from 'node:path';
import { OperationalError } from '../../domain/errors.js';
import { isPassing, readFileName } from './file-name.js';
import { reasonOf } from './walk-folder.js';

/** While files keep arriving, what has settled is told of this often, ms. */
const AT_LATEST_MS = 60_000;
/** Timers take no more, ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** One file's arrival is several events, ms. */
const LEAST_QUIET_MS = 50;

/**
 * Notices what arrives in a folder or changes there. Only folders and files that are younger than the last look
 * are watched by the system one by one (older ones change their folder when they change), so that a large mirror
 * takes a watch a folder and not a watch a file. Where native events do not come, as on network mounts,
 * CHOKIDAR_USEPOLLING=1 and CHOKIDAR_INTERVAL (ms) make it look by itself.
 */
export class FolderWatch {
  readonly #root: string;
  readonly #quietMs: number;
  readonly #watcher: FSWatcher;
  #ready = false;
  #failure: OperationalError | null = null;
  /** First and last of the events that nobody was told of, ms. */
  #first = 0;
  #last = 0;
  #wake: () => void = () => undefined;

  /**
   * @param root real path
   * @param since when the folder was looked at, ms: what is younger is news
   * @param settleMs how long after the last event it is told
   */
  constructor(root: string, since: number, settleMs: number) {
    this.#root = root;
    this.#quietMs = Math.max(settleMs, LEAST_QUIET_MS);
    this.#watcher = watch(root, {
      ignored: (path, stats) =>
        (path !== root && isPassing(basename(path))) ||
        (stats?.isFile() === true && (readFileName(basename(path)) === null || !isYounger(stats, since))),
      followSymlinks: false,
      alwaysStat: true,
      ignorePermissionErrors: true,
    });
    this.#watcher
      .on('ready', () => (this.#ready = true))
      .on('add', () => this.#note())
      .on('change', () => this.#note())
      .on('addDir', () => this.#ready && this.#note())
      .on('error', (error) => this.#fail(error));
  }

  /**
   * Resolves once something arrived and no more did for the settling time, or while more keeps arriving, once a
   * minute.
   * @param dueAt when it resolves in any case, ms; 0 = never
   * @throws OperationalError when the folder cannot be watched
   * @throws the signal's reason when it aborts
   */
  async wait(signal: AbortSignal, dueAt = 0): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#failure !== null) throw this.#failure;
      const now = Date.now();
      const waits = dueAt > 0 ? [dueAt - now] : [];
      if (this.#last > 0) {
        waits.push(this.#last + this.#quietMs - now);
        waits.push(this.#first + Math.max(AT_LATEST_MS, this.#quietMs) - now);
      }
      const ms = Math.min(...waits);
      if (ms <= 0) {
        this.#first = this.#last = 0;
        return;
      }
      await this.#event(ms, signal);
    }
  }

  close(): Promise<void> {
    return this.#watcher.close();
  }

  #note(): void {
    this.#last = Date.now();
    if (this.#first === 0) this.#first = this.#last;
    this.#wake();
  }

  #fail(error: unknown): void {
    const message = `${this.#root} cannot be watched (${reasonOf(error)}), so only polls look at it; raise fs.inotify.max_user_watches, or set CHOKIDAR_USEPOLLING=1.`;
    this.#failure ??= new OperationalError('watch', message, { cause: error });
    this.#wake();
  }

  /** Until the next event, the end of the signal, or at most `ms`. */
  async #event(ms: number, signal: AbortSignal): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    let onAbort: () => void = () => undefined;
    await new Promise<void>((resolve) => {
      this.#wake = onAbort = resolve;
      if (ms !== Infinity) timer = setTimeout(resolve, Math.min(ms, LONGEST_TIMER_MS));
      signal.addEventListener('abort', onAbort, { once: true });
    });
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    this.#wake = () => undefined;
  }
}

function isYounger(stats: { mtimeMs: number; ctimeMs: number }, since: number): boolean {
  return Math.max(stats.mtimeMs, stats.ctimeMs) >= since;
}
