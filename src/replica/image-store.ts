import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlantedObject } from '../simulation/planted.js';
import type { PlannedProduct } from './planned-product.js';
import type { SceneMaker } from './scene-maker.js';

/** A finished image on disk. */
export interface StoredImage {
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly md5: string;
}

interface Job {
  readonly product: PlannedProduct;
  readonly done: Promise<StoredImage>;
  readonly resolve: (image: StoredImage) => void;
  readonly reject: (reason: unknown) => void;
}

/** The PTIFs of the replica in a temp folder of its own, made one after the other. */
export class ImageStore {
  readonly #maker: SceneMaker;
  readonly #truths = new Map<string, Promise<readonly PlantedObject[]>>();
  readonly #jobs = new Map<string, Job>();
  readonly #queue: Job[] = [];
  #dir: string | null = null;
  #work: Promise<void> | null = null;

  constructor(maker: SceneMaker) {
    this.#maker = maker;
  }

  /** What is planted in a product's image; known before any pixel is made. */
  truth(product: PlannedProduct): Promise<readonly PlantedObject[]> {
    const truth = this.#truths.get(product.productId) ?? this.#maker.truth(product.scene);
    this.#truths.set(product.productId, truth);
    return truth;
  }

  /** Makes these images when nothing is asked for. */
  prepare(products: readonly PlannedProduct[]): void {
    for (const product of products) this.#job(product);
  }

  /** The image of a product, made next if it is not there yet. */
  image(product: PlannedProduct): Promise<StoredImage> {
    const job = this.#job(product);
    const at = this.#queue.indexOf(job);
    if (at > 0) this.#queue.unshift(...this.#queue.splice(at, 1));
    return job.done;
  }

  /** Gives up what is being made and removes what was made. */
  async close(): Promise<void> {
    for (const job of this.#queue.splice(0)) job.reject(new Error('the replica is closed'));
    await this.#maker.close();
    await this.#work;
    if (this.#dir !== null) await rm(this.#dir, { recursive: true, force: true });
  }

  #job(product: PlannedProduct): Job {
    const known = this.#jobs.get(product.productId);
    if (known !== undefined) return known;
    let resolve: Job['resolve'] = () => undefined;
    let reject: Job['reject'] = () => undefined;
    const done = new Promise<StoredImage>((yes, no) => ([resolve, reject] = [yes, no]));
    done.catch(() => undefined);
    const job = { product, done, resolve, reject };
    this.#jobs.set(product.productId, job);
    this.#queue.push(job);
    this.#work ??= this.#run();
    return job;
  }

  async #run(): Promise<void> {
    // What is asked for in the same turn is in the queue before the first one is chosen.
    await Promise.resolve();
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) {
      await this.#make(job.product).then(job.resolve, job.reject);
    }
    this.#work = null;
  }

  async #make(product: PlannedProduct): Promise<StoredImage> {
    this.#dir ??= await mkdtemp(join(tmpdir(), 'selenoscan-replica-'));
    const path = join(this.#dir, `${product.productId}_pyr.tif`);
    await this.#maker.make(product.scene, path);
    const md5 = createHash('md5');
    for await (const chunk of createReadStream(path)) md5.update(chunk as Buffer);
    return { path, bytes: (await stat(path)).size, md5: md5.digest('hex') };
  }
}
