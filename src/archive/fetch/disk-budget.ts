import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../domain/clock.js';
import { OperationalError } from '../../domain/errors.js';
import { TOUCH_MS, isAbandoned, ownerTag } from './owner-tag.js';
import type { PartsFolder } from './parts-folder.js';

/** What is ours in the download folder, beside parts. */
const OURS = /^selenoscan-(?:scan|index)-/;
/** `room.<time>-<nonce>.<owner>.wait|held.json`; names sort by age. */
const ROOM = /^room\.(\d{14}-[0-9a-f]{8})\.([\w-]+)\.(wait|held)\.json$/;

/** First and longest pause between two looks whether there is room, ms. */
const SHORT_MS = 20;
const LONGEST_POLL_MS = 500;

/** Room that is set aside for a file until it is there. */
export interface Reservation {
  release(): Promise<void>;
}

/** Sets room aside for downloads. */
export type RoomBudget = Pick<DiskBudget, 'limit' | 'reserve' | 'tryReserve'>;

export interface DiskBudgetOptions {
  readonly downloadDir: string;
  readonly parts: PartsFolder;
  /** Most that images and their parts may take, bytes; 0 = no limit. */
  readonly limitBytes: number;
  readonly clock: Clock;
  /** Told once for each file that has to wait. */
  readonly onWait?: (line: string) => void;
  /** Removes what nobody needs, when there is no room. */
  readonly makeRoom?: () => Promise<void>;
}

interface RoomFile {
  readonly name: string;
  readonly age: string;
  readonly waits: boolean;
  readonly bytes: number;
  readonly part: string;
}

/**
 * Room in the download folder for all processes that use it. Each announces by a file what it is about to write
 * and only then counts what is there and announced: of two that announce at once, at least one sees the other.
 * Whoever finds no room withdraws and comes again, but for the eldest, for whom room gathers.
 */
export class DiskBudget {
  readonly #options: DiskBudgetOptions;

  constructor(options: DiskBudgetOptions) {
    this.#options = options;
  }

  /** Bytes at most; null = no limit. */
  get limit(): number | null {
    return this.#options.limitBytes === 0 ? null : this.#options.limitBytes;
  }

  /**
   * Waits until there is room for a file.
   * @param bytes of the whole file
   * @param part names the part that grows into it; what is there of it needs no more room
   * @throws OperationalError `disk_budget` when it can never have room, the signal's reason when aborted
   */
  async reserve(bytes: number, part: string, url: string, signal?: AbortSignal): Promise<Reservation> {
    const { limit } = this;
    if (limit === null) return UNLIMITED;
    if (bytes > limit) throw tooLarge(url, bytes, limit);
    const { clock, onWait, downloadDir } = this.#options;
    const own = roomFile(bytes, part);
    let pollMs = SHORT_MS;
    try {
      for (let tried = 0; ; tried++) {
        signal?.throwIfAborted();
        await this.#announce(own);
        if (await this.#fits(own, limit)) return await this.#hold(own);
        const others = (await this.#rooms()).filter((room) => room.waits && room.name !== own.name);
        if (others.some(({ age }) => age < own.age)) await this.#withdraw(own);
        if (tried === 3) {
          const what = `${url} takes ${megabytes(bytes)} MB and waits for room in ${downloadDir}`;
          onWait?.(`${what}: archive.disk_mb allows ${megabytes(limit)} MB in all.`);
        }
        await clock.sleep(pollMs * (0.5 + Math.random() / 2), signal);
        // Others that announce at the same time withdraw at once; room that is taken lasts.
        pollMs = Math.min(pollMs * 1.5, LONGEST_POLL_MS);
      }
    } catch (error) {
      await this.#withdraw(own);
      throw error;
    }
  }

  /** Room at once, or null. @throws as `reserve` */
  async tryReserve(bytes: number, part: string, url: string): Promise<Reservation | null> {
    const { limit } = this;
    if (limit === null) return UNLIMITED;
    if (bytes > limit) throw tooLarge(url, bytes, limit);
    const own = roomFile(bytes, part);
    await this.#announce(own);
    if (await this.#fits(own, limit)) return this.#hold(own);
    await this.#withdraw(own);
    return null;
  }

  async #fits(own: RoomFile, limit: number): Promise<boolean> {
    if ((await this.#used()) <= limit) return true;
    const parts = (await this.#options.parts.list()).filter((part) => this.#options.parts.isFree(part));
    parts.sort((a, b) => a.touchedMs - b.touchedMs);
    for (const part of parts) {
      if (part.nonce === own.part) continue;
      await this.#options.parts.remove(part);
      if ((await this.#used()) <= limit) return true;
    }
    await this.#options.makeRoom?.();
    return (await this.#used()) <= limit;
  }

  /** Bytes that are there, and those that are announced to come. */
  async #used(): Promise<number> {
    const { downloadDir, parts } = this.#options;
    const names = (await readdir(downloadDir).catch(() => [])).filter((name) => OURS.test(name));
    const sizes = await Promise.all(names.map((name) => sizeOf(join(downloadDir, name))));
    const here = new Map((await parts.list()).map(({ nonce, bytes }) => [nonce, bytes]));
    const coming = (await this.#rooms()).map(({ bytes, part }) => Math.max(0, bytes - (here.get(part) ?? 0)));
    return [...sizes, ...here.values(), ...coming].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** What is announced by processes that still run. */
  async #rooms(): Promise<RoomFile[]> {
    const { parts } = this.#options;
    const names = await readdir(parts.path).catch(() => []);
    const found = await Promise.all(
      names.map(async (name): Promise<RoomFile | null> => {
        const [, age, owner = '', kind] = ROOM.exec(name) ?? [];
        if (age === undefined) return null;
        const path = join(parts.path, name);
        try {
          const { mtimeMs } = await stat(path);
          if (isAbandoned(owner, mtimeMs, Date.now())) {
            await rm(path, { force: true });
            return null;
          }
          const { bytes, part } = JSON.parse(await readFile(path, 'utf8')) as RoomFile;
          return { name, age, waits: kind === 'wait', bytes, part };
        } catch {
          // Withdrawn meanwhile, or held since.
          return kind === 'wait' ? this.#held(name, age) : null;
        }
      }),
    );
    return found.filter((room) => room !== null);
  }

  async #held(waited: string, age: string): Promise<RoomFile | null> {
    const name = heldName(waited);
    const text = await readFile(join(this.#options.parts.path, name), 'utf8').catch(() => null);
    if (text === null) return null;
    const { bytes, part } = JSON.parse(text) as RoomFile;
    return { name, age, waits: false, bytes, part };
  }

  /** Says, or says again, what is about to be written. */
  async #announce({ name, bytes, part }: RoomFile): Promise<void> {
    const { path } = this.#options.parts;
    await mkdir(path, { recursive: true });
    await writeFile(join(path, `.${name}`), JSON.stringify({ bytes, part }));
    await rename(join(path, `.${name}`), join(path, name));
  }

  async #hold(own: RoomFile): Promise<Reservation> {
    const { path } = this.#options.parts;
    const held = join(path, heldName(own.name));
    // There under one name or both all the while, so that nobody who counts overlooks it.
    await this.#announce({ ...own, name: heldName(own.name) });
    await rm(join(path, own.name), { force: true });
    const touching = setInterval(() => {
      const now = new Date();
      utimes(held, now, now).catch(() => undefined);
    }, TOUCH_MS);
    touching.unref();
    return {
      async release() {
        clearInterval(touching);
        await rm(held, { force: true });
      },
    };
  }

  #withdraw({ name }: RoomFile): Promise<void> {
    return rm(join(this.#options.parts.path, name), { force: true });
  }
}

const UNLIMITED: Reservation = { release: () => Promise.resolve() };

/** For what has room beside the images, whatever they may take. */
export const NO_BUDGET: RoomBudget = {
  limit: null,
  reserve: () => Promise.resolve(UNLIMITED),
  tryReserve: () => Promise.resolve(UNLIMITED),
};

function heldName(waited: string): string {
  return waited.replace(/\.wait\.json$/, '.held.json');
}

function roomFile(bytes: number, part: string): RoomFile {
  const age = `${String(Date.now()).padStart(14, '0')}-${randomBytes(4).toString('hex')}`;
  return { name: `room.${age}.${ownerTag()}.wait.json`, age, waits: true, bytes, part };
}

async function sizeOf(path: string): Promise<number> {
  const stats = await stat(path).catch(() => null);
  if (stats === null) return 0;
  if (!stats.isDirectory()) return stats.size;
  const names = await readdir(path).catch(() => []);
  const sizes = await Promise.all(names.map((name) => sizeOf(join(path, name))));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

function tooLarge(url: string, bytes: number, limit: number): OperationalError {
  return new OperationalError(
    'disk_budget',
    `${url} takes ${megabytes(bytes)} MB where archive.disk_mb allows ${megabytes(limit)} MB in all; raise it to scan this image.`,
  );
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
