import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
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

type ReplicaScene = ReturnType<SceneMaker['plan']>;

interface Job {
  readonly product: PlannedProduct;
  readonly done: Promise<StoredImage>;
  readonly resolve: (image: StoredImage) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Plans scenes and makes their PTIFs, one after the other, in a temp folder of its own. The work is cut into
 * bands of lines, so that the server answers meanwhile.
 */
export class ImageStore {
  readonly #maker: SceneMaker;
  /** Scenes that are planned and not yet rendered. */
  readonly #scenes = new Map<string, ReplicaScene>();
  readonly #truths = new Map<string, readonly PlantedObject[]>();
  readonly #jobs = new Map<string, Job>();
  readonly #queue: Job[] = [];
  #dir: string | null = null;
  #work: Promise<void> | null = null;
  #closed = false;

  constructor(maker: SceneMaker) {
    this.#maker = maker;
  }

  /** What is planted in a product's image; known before any pixel is made. */
  async truth(product: PlannedProduct): Promise<readonly PlantedObject[]> {
    return this.#truths.get(product.productId) ?? (await this.#plan(product)).truth;
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

  /** Stops between two bands and removes what was made. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#work;
    for (const job of this.#queue.splice(0)) job.reject(new Error('the replica is closed'));
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
    await nextTurn();
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) {
      await this.#make(job.product).then(job.resolve, job.reject);
    }
    this.#work = null;
  }

  async #plan(product: PlannedProduct): Promise<ReplicaScene> {
    await nextTurn();
    this.#assertOpen();
    const scene = this.#scenes.get(product.productId) ?? this.#maker.plan(product.scene);
    this.#scenes.set(product.productId, scene);
    this.#truths.set(product.productId, scene.truth);
    return scene;
  }

  async #make(product: PlannedProduct): Promise<StoredImage> {
    const scene = await this.#plan(product);
    this.#dir ??= await mkdtemp(join(tmpdir(), 'selenoscan-replica-'));
    const path = join(this.#dir, `${product.productId}_pyr.tif`);
    const { samples: width, lines: height } = product.scene;
    await this.#maker.write(path, { width, height }, async (firstLine, lines) => {
      await nextTurn();
      this.#assertOpen();
      return scene.render(firstLine, lines);
    });
    this.#scenes.delete(product.productId);
    const md5 = createHash('md5');
    for await (const chunk of createReadStream(path)) md5.update(chunk as Buffer);
    return { path, bytes: (await stat(path)).size, md5: md5.digest('hex') };
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error('the replica is closed');
  }
}
