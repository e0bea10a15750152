import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InferenceSession, type Tensor } from 'onnxruntime-node';

/** Time of one operator of a graph. */
export interface OperatorTime {
  readonly operator: string;
  /** Name of the node after the engine's own rewriting. */
  readonly node: string;
  readonly microsecondsPerTile: number;
}

interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

const WARM_UP = 3;
const RUNS = 30;

/** Time of each operator in the fastest of 30 runs, which other load disturbs least; ONNX Runtime's own profiler, one thread. */
export async function profileGraph(
  graph: string,
  feeds: Record<string, Tensor>,
  tiles: number,
): Promise<OperatorTime[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-profile-'));
  try {
    const session = await InferenceSession.create(graph, {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      enableProfiling: true,
      profileFilePrefix: path.join(folder, 'trace'),
    });
    for (let run = 0; run < WARM_UP + RUNS; run++) await session.run(feeds);
    session.endProfiling();
    await session.release();
    const [file] = await readdir(folder);
    const events = JSON.parse(await readFile(path.join(folder, file ?? ''), 'utf8')) as TraceEvent[];
    return fastest(events, tiles);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function fastest(events: readonly TraceEvent[], tiles: number): OperatorTime[] {
  const durations = new Map<string, { operator: string; microseconds: number[] }>();
  for (const { cat, name, dur, args } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    const node = name.replace(/_kernel_time$/, '');
    const known = durations.get(node) ?? { operator: args?.op_name ?? '', microseconds: [] };
    known.microseconds.push(dur);
    durations.set(node, known);
  }
  return [...durations].map(([node, { operator, microseconds }]) => {
    return { operator, node, microsecondsPerTile: Math.min(...microseconds.slice(WARM_UP)) / tiles };
  });
}
