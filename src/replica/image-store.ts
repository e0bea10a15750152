import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { PlantedObject } from '../simulation/planted.js';
import { imageIdOf } from '../domain/image-id.js';
import { orbitOf, versionOf } from './index-rows.js';
import type { PlannedProduct } from './planned-product.js';
import type { SceneMaker } from './scene-maker.js';

/** A finished image on disk. */
export interface StoredImage {
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly md5: string;
}

/** An image product and its detached label. */
export interface StoredImg extends StoredImage {
  readonly label: Buffer;
}

interface Job {
  readonly run: () => Promise<unknown>;
  readonly done: Promise<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** The images of the replica in a temp folder of its own, made one after the other. */
export class ImageStore {
  readonly #maker: SceneMaker;
  readonly #kept: number;
  readonly #truths = new Map<string, Promise<readonly PlantedObject[]>>();
  /** By the name of the file; in order of their making. */
  readonly #jobs = new Map<string, Job>();
  readonly #queue: Job[] = [];
  #dir: string | null = null;
  #work: Promise<void> | null = null;

  /** @param kept most files; the oldest goes, and is made again when it is asked for */
  constructor(maker: SceneMaker, kept = Infinity) {
    this.#maker = maker;
    this.#kept = kept;
  }

  /** What is planted in a product's image; known before any pixel is made. */
  truth(product: PlannedProduct): Promise<readonly PlantedObject[]> {
    const id = imageIdOf(product.productId);
    const truth = this.#truths.get(id) ?? this.#maker.truth(product.scene);
    this.#truths.set(id, truth);
    return truth;
  }

  /** Makes these PTIFs when nothing is asked for. */
  prepare(products: readonly PlannedProduct[]): void {
    for (const product of products) this.#browse(product);
  }

  /** The PTIF of a product, made next if it is not there yet: of one image in either data set. */
  image(product: PlannedProduct): Promise<StoredImage> {
    return this.#next(this.#browse(product)) as Promise<StoredImage>;
  }

  /** The image product itself; null where the maker of scenes makes none. */
  img(product: PlannedProduct): Promise<StoredImg | null> {
    if (!('makeImg' in this.#maker)) return Promise.resolve(null);
    // Its label tells the file's name, which therefore has no mark of the revision.
    const name = join(`img-${product.revision}`, `${product.productId}.IMG`);
    return this.#next(this.#job(name, () => this.#makeImg(product, name))) as Promise<StoredImg>;
  }

  /** Gives up what is being made and removes what was made. */
  async close(): Promise<void> {
    for (const job of this.#queue.splice(0)) job.reject(new Error('the replica is closed'));
    await this.#maker.close();
    await this.#work;
    if (this.#dir !== null) await rm(this.#dir, { recursive: true, force: true });
  }

  #browse(product: PlannedProduct): Job {
    const name = `${imageIdOf(product.productId)}_${product.revision}_pyr.tif`;
    return this.#job(name, () => this.#makeBrowse(product, name));
  }

  #next(job: Job): Promise<unknown> {
    const at = this.#queue.indexOf(job);
    if (at > 0) this.#queue.unshift(...this.#queue.splice(at, 1));
    return job.done;
  }

  #job(name: string, run: Job['run']): Job {
    const known = this.#jobs.get(name);
    if (known !== undefined) return known;
    let resolve: Job['resolve'] = () => undefined;
    let reject: Job['reject'] = () => undefined;
    const done = new Promise<unknown>((yes, no) => ([resolve, reject] = [yes, no]));
    done.catch(() => undefined);
    const job = { run, done, resolve, reject };
    this.#jobs.set(name, job);
    this.#queue.push(job);
    this.#work ??= this.#run();
    return job;
  }

  async #run(): Promise<void> {
    // What is asked for in the same turn is in the queue before the first one is chosen.
    await Promise.resolve();
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) {
      await this.#dropOldest();
      await job.run().then(job.resolve, job.reject);
    }
    this.#work = null;
  }

  async #dropOldest(): Promise<void> {
    if (this.#jobs.size <= this.#kept) return;
    const made = [...this.#jobs].filter(([, job]) => !this.#queue.includes(job));
    for (const [name] of made.slice(0, Math.max(0, made.length - this.#kept))) {
      this.#jobs.delete(name);
      await rm(await this.#path(name), { force: true });
    }
  }

  async #makeBrowse(product: PlannedProduct, name: string): Promise<StoredImage> {
    const path = await this.#path(name);
    await this.#maker.make(product.scene, path);
    // The same picture in other bytes: readers of a TIFF follow its offsets and do not come here.
    if (product.revision > 0) await appendFile(path, `revision ${product.revision}\n`);
    return stored(path);
  }

  async #makeImg(product: PlannedProduct, name: string): Promise<StoredImg> {
    const path = await this.#path(name);
    await this.#maker.makeImg?.(product.scene, {
      type: product.dataSet,
      path,
      product: {
        productId: product.productId,
        startTime: product.startTime,
        orbit: orbitOf(product.startTime),
        lineMs: product.exposureS * 1000,
        version: versionOf(product),
      },
    });
    const labelPath = path.replace(/IMG$/, 'xml');
    const label = await readFile(labelPath);
    await rm(labelPath);
    return { ...(await stored(path)), label };
  }

  async #path(name: string): Promise<string> {
    this.#dir ??= await mkdtemp(join(tmpdir(), 'selenoscan-replica-'));
    const path = join(this.#dir, name);
    await mkdir(dirname(path), { recursive: true });
    return path;
  }
}

async function stored(path: string): Promise<StoredImage> {
  const md5 = createHash('md5');
  for await (const chunk of createReadStream(path)) md5.update(chunk as Buffer);
  return { path, bytes: (await stat(path)).size, md5: md5.digest('hex') };
}
