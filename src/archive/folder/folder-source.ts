import { resolve } from 'node:path';
import type { Clock } from '../../domain/clock.js';
import { OperationalError, UsageError } from '../../domain/errors.js';
import type { Product } from '../../domain/product.js';
import type {
  Announced,
  ArchiveSource,
  FetchRequest,
  FetchedImage,
  IndexCounts,
  Release,
} from '../archive-source.js';
import { emptyCounts } from '../index/index-table.js';
import { Catalogue, type FoundImage, type Preference } from './catalogue.js';
import { examineImage, type ImageEyes } from './examine-image.js';
import { FolderWatch } from './folder-watch.js';
import { KnownImages } from './known-images.js';
import { openImage } from './open-image.js';
import { Problems, type OnProblem } from './problems.js';
import { RowTables } from './row-tables.js';
import { Settling } from './settling.js';
import { lookAgain, realFolder, reasonOf, type FileRef } from './walk-folder.js';

/** A look waits for files to settle at most this long, ms; what takes longer is taken by the next one. */
const LONGEST_WAIT_MS = 60_000;

/** A timer may come that much early, ms. */
const TIMER_MS = 10;

/** What an image counts as that was still changing when it was looked at. */
const CHANGING = 'still changing';

export interface FolderOptions extends Preference, ImageEyes {
  /** Path of the folder. */
  readonly folder: string;
  /** How long a file must not have changed to be taken, ms. */
  readonly settleMs: number;
  readonly clock: Clock;
  /** Told once of each file that cannot be taken, and why. */
  readonly onProblem?: OnProblem;
}

/**
 * A folder as an archive: a mirror on disk, or an object store that is mounted. Images may lie in any layout below
 * it; each needs an INDEX row or a camera model (ISD) to be placed. Nothing in it is ever written or removed.
 */
export class FolderSource implements ArchiveSource {
  readonly id: string;
  readonly #options: FolderOptions;
  readonly #folder: string;
  readonly #tables = new RowTables();
  readonly #settling: Settling;
  readonly #problems: Problems;
  /** When the folder was last looked at, ms. */
  #lookedAt = 0;
  /** When what was still changing at the last look has settled if it changes no more, ms; 0 = nothing was. */
  #settlesAt = 0;
  #watch: FolderWatch | null = null;

  /** @throws UsageError when no folder is named */
  constructor(options: FolderOptions) {
    if (options.folder === '')
      throw new UsageError('archive.source is folder, but archive.folder names none; set it to a path.');
    this.#options = options;
    this.#folder = resolve(options.folder);
    this.id = `folder ${this.#folder}`;
    this.#settling = new Settling(options.settleMs, options.clock);
    this.#problems = new Problems(options.onProblem);
  }

  /** Everything in the folder that is not known yet, in one release; the first start takes all. */
  async *discover(given: unknown, signal?: AbortSignal): AsyncGenerator<Release> {
    const root = await realFolder(this.#folder);
    this.#lookedAt = Date.now();
    this.#settlesAt = 0;
    this.#settling.begin();
    const catalogue = await Catalogue.read(root, this.#options, signal);
    const before = KnownImages.fromState(given);
    const found = KnownImages.none();
    for (const image of catalogue.images()) found.add(image.imageId, catalogue.fingerprint(image));
    if (found.equals(before)) return;
    const counts = emptyCounts();
    if (catalogue.otherImages > 0) counts.passedOver['no NAC id in the name'] = catalogue.otherImages;
    this.#problems.begin();
    for (const dir of catalogue.unreadable) {
      count(counts, 'folder that may not be read');
      this.#problems.add(dir, `The folder ${dir} may not be read; change its permissions.`);
    }
    const unfinished = new Set<string>();
    const isNew = ({ imageId }: FoundImage) => !found.agrees(before, imageId);
    yield {
      name: root,
      counts,
      knownOnly: false,
      products: this.#products(root, catalogue, isNew, counts, unfinished, signal),
      // Known only when all are read.
      get state() {
        return found.toState(unfinished);
      },
    };
  }

  /**
   * Resolves when something arrived. The folder is watched from the first call on, until a call's signal aborts or
   * the source is closed.
   * @throws OperationalError when the folder cannot be watched
   */
  async news(signal: AbortSignal): Promise<void> {
    const root = await realFolder(this.#folder);
    this.#watch ??= new FolderWatch(root, this.#lookedAt, this.#options.settleMs);
    try {
      await this.#watch.wait(signal, this.#settlesAt);
      this.#settlesAt = 0;
    } catch (error) {
      await this.#unwatch();
      throw error;
    }
  }

  /** The image where it lies: `dir` is not used. */
  async fetchImage(product: Product, _dir: string, { signal }: FetchRequest = {}): Promise<FetchedImage> {
    return openImage(await realFolder(this.#folder), product, signal);
  }

  async check(signal?: AbortSignal): Promise<string> {
    const root = await realFolder(this.#folder);
    const catalogue = await Catalogue.read(root, this.#options, signal);
    let placed = 0;
    for (const image of catalogue.images()) {
      signal?.throwIfAborted();
      if (await this.#hasGeometry(root, image)) placed++;
    }
    const images = `${catalogue.size} ${catalogue.size === 1 ? 'image' : 'images'}`;
    const rest = catalogue.size - placed;
    if (catalogue.size === 0) return `folder ${root}: no NAC images yet`;
    if (rest === 0) return `folder ${root}: ${images}, all with geometry`;
    return `folder ${root}: ${images}, ${placed} with geometry; ${rest} wait for an INDEX row or an ISD beside them`;
  }

  async close(): Promise<void> {
    await this.#unwatch();
  }

  /** Examines the images one by one as they are asked for; what was still changing is looked at again at the end. */
  async *#products(
    root: string,
    catalogue: Catalogue,
    isNew: (image: FoundImage) => boolean,
    counts: IndexCounts,
    unfinished: Set<string>,
    signal?: AbortSignal,
  ): AsyncGenerator<Announced> {
    const changing: FoundImage[] = [];
    let waitMs = 0;
    for (const image of catalogue.images()) {
      signal?.throwIfAborted();
      if (!isNew(image)) continue;
      counts.records++;
      const remainingMs = this.#remainingMs(image);
      if (remainingMs > 0) {
        changing.push(image);
        waitMs = Math.max(waitMs, remainingMs);
        continue;
      }
      const announced = await this.#examine(root, image, counts, unfinished);
      if (announced !== null) yield announced;
    }
    if (changing.length > 0 && waitMs <= LONGEST_WAIT_MS)
      await this.#options.clock.sleep(waitMs + TIMER_MS, signal);
    for (const listed of changing) {
      signal?.throwIfAborted();
      const image = await asItIs(root, listed);
      const remainingMs = this.#remainingMs(image);
      if (remainingMs > 0) {
        this.#settlesAt = Math.max(this.#settlesAt, Date.now() + remainingMs);
        count(counts, CHANGING);
        unfinished.add(image.imageId);
        continue;
      }
      const announced = await this.#examine(root, image, counts, unfinished);
      if (announced !== null) yield announced;
    }
  }

  async #examine(
    root: string,
    image: FoundImage,
    counts: IndexCounts,
    unfinished: Set<string>,
  ): Promise<Announced | null> {
    const examined = await examineImage(root, image, this.#tables, this.#options);
    if (examined.kind === 'product') {
      counts.products++;
      const { product, doubt } = examined;
      if (doubt !== null) counts.warnings[doubt.code] = (counts.warnings[doubt.code] ?? 0) + 1;
      return { product, doubt };
    }
    count(counts, examined.reason);
    this.#problems.add(image.imageId, examined.sentence);
    if (examined.lookAgain) unfinished.add(image.imageId);
    return null;
  }

  /** How long until every file has settled that an image rests on, ms. */
  #remainingMs({ files, isds, tables }: FoundImage): number {
    return Math.max(0, ...[...files, ...isds, ...tables].map((file) => this.#settling.remainingMs(file)));
  }

  /** Whether a camera model is there or a table has the row; neither is read to see whether it is of use. */
  async #hasGeometry(root: string, { files, isds, tables }: FoundImage): Promise<boolean> {
    if (isds.length > 0) return true;
    const productId = files[0]?.productId ?? '';
    try {
      return await this.#tables.has(root, productId, tables);
    } catch (cause) {
      const message = `An index table for ${productId} cannot be read (${reasonOf(cause)}); check its permissions.`;
      throw new OperationalError('folder', message, { cause });
    }
  }

  async #unwatch(): Promise<void> {
    const watch = this.#watch;
    this.#watch = null;
    await watch?.close();
  }
}

function count(counts: IndexCounts, reason: string): void {
  counts.invalid[reason] = (counts.invalid[reason] ?? 0) + 1;
}

/** An image with the files that are left, in their present sizes. */
async function asItIs(root: string, image: FoundImage): Promise<FoundImage> {
  const again = async <File extends FileRef>(files: readonly File[]): Promise<File[]> => {
    const found = await Promise.all(
      files.map(async (file) => {
        const now = await lookAgain(root, file);
        return now && { ...file, ...now };
      }),
    );
    return found.filter((file) => file !== null);
  };
  const { files, isds, tables } = image;
  return { ...image, files: await again(files), isds: await again(isds), tables: await again(tables) };
}
