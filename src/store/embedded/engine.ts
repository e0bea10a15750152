import { PGlite } from '@electric-sql/pglite';
import { btree_gist } from '@electric-sql/pglite/contrib/btree_gist';
import { postgis } from '@electric-sql/pglite-postgis';
import { mkdirSync, rmSync } from 'node:fs';
import type { EngineData } from './engine-protocol.js';
import { ExceptionWatch } from './exception-watch.js';
import { MESSAGE, endsBatch, errorMessage, queryMessage, splitMessages } from './messages.js';
import { snapshotCache, type SnapshotCache } from './snapshot-cache.js';

/** SQLSTATE of an error inside the engine (internal_error), as PostGIS reports GEOS and PROJ errors. */
const INTERNAL_ERROR = 'XX000';
const SWALLOWED =
  'GEOS or PROJ, the libraries inside PostGIS, refused a value of this statement, and the embedded engine gives no reason: look for an invalid geometry or reference system.';

/** Throws on parsing, before anything runs: a real error puts an interrupted transaction in order. */
const FAILING_STATEMENT = queryMessage('!');

/** The engine as it is called here: its loop over one message, which is wrapped to see what it throws. */
interface EngineModule {
  _PostgresMainLoopOnce: () => void;
}

/** The engine is not in a state to go on: its thread must end. */
class BrokenEngine extends Error {}

/**
 * PostgreSQL with PostGIS in this thread. It speaks the PostgreSQL protocol, so that values and errors come
 * as from any server.
 */
export class Engine {
  readonly #pglite: PGlite;
  readonly #exceptions: ExceptionWatch;

  constructor(pglite: PGlite, exceptions: ExceptionWatch) {
    this.#pglite = pglite;
    this.#exceptions = exceptions;
    const module = pglite.Module as unknown as EngineModule;
    const once = module._PostgresMainLoopOnce;
    module._PostgresMainLoopOnce = () => {
      try {
        once();
      } catch (error) {
        // Whatever caught it would go on with a broken engine.
        if (error instanceof Error) throw this.#fatal(error);
        throw error;
      }
    };
  }

  #fatal(error: Error): Error {
    this.onBroken(new BrokenEngine(error.message, { cause: error }));
    return error;
  }

  /** Called when the engine breaks, before it goes on: it must end the thread. */
  onBroken: (error: BrokenEngine) => void = () => undefined;

  /**
   * Runs messages up to one that is answered, and gives the answer.
   *
   * After a C++ exception that nobody caught, the messages that follow are dropped, the transaction is
   * aborted, and an error is the answer. What the engine committed by itself can no longer be undone: callers
   * open a transaction before anything that writes.
   */
  async run(batch: Buffer): Promise<Buffer> {
    // The first message of a connection has no type, and a length below 2^24.
    if (batch[0] === 0) return onlyLastReady(await this.#exchange(batch));
    const replies: Buffer[] = [];
    for (const message of splitMessages(batch)) {
      replies.push(await this.#exchange(message));
      if (this.#exceptions.uncaught) return this.#abort();
    }
    const reply = Buffer.concat(replies);
    const answered = [...splitMessages(reply)].some((message) => message[0] === MESSAGE.readyForQuery);
    return answered || !endsWithAnswer(batch) ? onlyLastReady(reply) : this.#abort();
  }

  async #abort(): Promise<Buffer> {
    const reply = await this.#exchange(FAILING_STATEMENT);
    const ready = [...splitMessages(reply)].filter((message) => message[0] === MESSAGE.readyForQuery);
    if (ready.length === 0) throw new BrokenEngine('it does not answer any more');
    return Buffer.concat([errorMessage(INTERNAL_ERROR, SWALLOWED), ...ready.slice(-1)]);
  }

  async #exchange(message: Buffer): Promise<Buffer> {
    this.#exceptions.reset();
    const chunks: Buffer[] = [];
    await this.#pglite.execProtocolRawStream(message, {
      // A view of the engine's memory, which does not stay.
      onRawData: (bytes) => void chunks.push(Buffer.from(bytes)),
    });
    return Buffer.concat(chunks);
  }

  close(): Promise<void> {
    return this.#pglite.close();
  }
}

function endsWithAnswer(batch: Buffer): boolean {
  return [...splitMessages(batch)].some((message) => endsBatch(message) && message[0] !== MESSAGE.terminate);
}

/** After an error the engine says twice that it is ready, of which a client would take one for its next query. */
function onlyLastReady(reply: Buffer): Buffer {
  const messages = [...splitMessages(reply)];
  const isReady = (message: Buffer): boolean => message[0] === MESSAGE.readyForQuery;
  if (messages.filter(isReady).length <= 1) return reply;
  const last = messages.findLast(isReady);
  return Buffer.concat([...messages.filter((message) => !isReady(message)), last ?? Buffer.alloc(0)]);
}

/** Opens the database in a folder, or makes one there from the cached snapshot, which is made where it lacks. */
export async function openEngine({ folder, create, cacheFolder }: EngineData): Promise<Engine> {
  const exceptions = new ExceptionWatch();
  const pglite = create
    ? await make(folder, exceptions, snapshotCache(cacheFolder))
    : await open(folder, exceptions);
  return new Engine(pglite, exceptions);
}

async function make(folder: string, exceptions: ExceptionWatch, cache: SnapshotCache): Promise<PGlite> {
  const snapshot = cache.load();
  if (snapshot !== null) {
    try {
      return await open(folder, exceptions, snapshot);
    } catch {
      cache.discard();
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
    }
  }
  const pglite = await open(folder, exceptions);
  await pglite.exec('CREATE EXTENSION postgis; CREATE EXTENSION btree_gist');
  await pglite.exec('CHECKPOINT');
  const packed = await pglite.dumpDataDir('gzip');
  cache.save(new Uint8Array(await packed.arrayBuffer()));
  return pglite;
}

async function open(
  folder: string,
  exceptions: ExceptionWatch,
  snapshot?: Uint8Array<ArrayBuffer>,
): Promise<PGlite> {
  const loadDataDir = snapshot && new Blob([snapshot], { type: 'application/x-tar' });
  return PGlite.create(folder, {
    extensions: { postgis, btree_gist, exceptions: exceptions.extension },
    ...(loadDataDir && { loadDataDir }),
  });
}
