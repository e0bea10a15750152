import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { basename, join } from 'node:path';
import { benchCache } from '../harness/cache.js';
import { note } from '../harness/options.js';
import { TorchPeer, type PeerImage, type TorchMode } from './torch-peer.js';

/** One way to run PyTorch, with the batch that served it best. */
export interface TorchSetup {
  readonly mode: TorchMode;
  readonly processes: number;
  readonly threads: number;
  readonly batch: number;
}

const BATCHES = [64, 256];
/** Batches whose rate is taken at once: enough to see the better one. */
const TRIAL_TILES = 512;
const TRIALS = 3;

/**
 * Tries batches, and for a mode with `spread` also one process a core against one with a thread a core; what served
 * best is remembered for this machine, model and PyTorch.
 */
export async function bestSetup(
  python: string,
  modelFolder: string,
  image: PeerImage,
  o: { name: string; modes: readonly TorchMode[]; spread: boolean; cores: number; quick: boolean },
): Promise<TorchSetup> {
  const key = [cpus()[0]?.model, availableParallelism(), o.cores, basename(modelFolder), o.name].join('-');
  const kept = join(benchCache('setups'), `${key.replace(/[^\w.@-]+/g, '_')}.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as TorchSetup;
  const spreads = [
    { processes: 1, threads: o.cores },
    ...(o.spread && o.cores > 1 ? [{ processes: o.cores, threads: 1 }] : []),
  ];
  let best: Tried | null = null;
  for (const mode of o.modes) {
    // Another mode of compiling is tried where the first one did best: each form takes most of a minute.
    const setups: TorchSetup[] =
      best === null
        ? spreads.flatMap((spread) => (o.quick ? [64] : BATCHES).map((batch) => ({ mode, ...spread, batch })))
        : [{ ...best.setup, mode }];
    for (const setup of setups) {
      const rate = await tryOut(python, modelFolder, image, setup);
      if (best === null || rate > best.rate) best = { rate, setup };
    }
  }
  if (best === null) throw new RangeError('no mode of PyTorch was given');
  if (!o.quick) writeFileSync(kept, JSON.stringify(best.setup));
  return best.setup;
}

interface Tried {
  readonly rate: number;
  readonly setup: TorchSetup;
}

/** @returns tiles a second */
async function tryOut(
  python: string,
  modelFolder: string,
  image: PeerImage,
  setup: TorchSetup,
): Promise<number> {
  const { mode, processes, threads, batch } = setup;
  const peer = await TorchPeer.start(python, modelFolder, image, setup);
  try {
    await peer.useBatch(batch);
    const rate = await rateOf(peer);
    note(`PyTorch ${mode}, ${processes} x ${threads}, batch ${batch}: ${rate.toFixed(0)} tiles/s`);
    return rate;
  } finally {
    await peer.close();
  }
}

async function rateOf(peer: TorchPeer): Promise<number> {
  let best = 0;
  for (let i = 0; i < TRIALS; i++) {
    const started = performance.now();
    await peer.score(TRIAL_TILES);
    best = Math.max(best, (1000 * TRIAL_TILES) / (performance.now() - started));
  }
  return best;
}
