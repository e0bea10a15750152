/** Tries the engine that it is told on a computation with a known result, and prints a `ProbeAnswer`. */
import type { EngineName } from '../scoring/engines/engine-spec.js';
import type { ProbeAnswer } from '../scoring/engines/engine-probe.js';
import { tryEngine } from '../scoring/engines/try-engine.js';

const answer: ProbeAnswer = await tryEngine(process.argv[2] as EngineName).catch((error: unknown) => ({
  reason: (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '',
}));
console.log(JSON.stringify(answer));
