/** Worker thread of the embedded database: answers batches of the PostgreSQL protocol, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { openEngine, type Engine } from '../store/embedded/engine.js';
import { engineReason } from '../store/embedded/engine-reason.js';
import type { EngineData, FromEngine, ToEngine } from '../store/embedded/engine-protocol.js';

if (!parentPort) throw new Error('database-worker is started by the embedded database');
const port = parentPort;

function post(message: FromEngine, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function die(error: unknown): never {
  post({ kind: 'dead', reason: engineReason(error) });
  // Ends this thread at once, also from within the engine.
  process.exit(1);
}

function serve(engine: Engine): void {
  engine.onBroken = die;
  let turn = Promise.resolve();
  const handle = async (message: ToEngine): Promise<void> => {
    if (message.kind === 'close') {
      await engine.close();
      port.close();
      return;
    }
    const { bytes } = message;
    const reply = await engine.run(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const own = new Uint8Array(reply);
    post({ kind: 'reply', bytes: own }, [own.buffer]);
  };
  port.on('message', (message: ToEngine) => {
    turn = turn.then(() => handle(message)).catch(die);
  });
  post({ kind: 'ready' });
}

try {
  serve(await openEngine(workerData as EngineData));
} catch (error) {
  die(error);
}
