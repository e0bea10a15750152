import { InferenceSession } from 'onnxruntime-node';
import type { Graph } from './graph-feeds.js';

export interface RateSetting {
  readonly name: string;
  readonly batch: number;
  /** Of the session, over one thread and the engine's defaults. */
  readonly options?: InferenceSession.SessionOptions;
}

export interface Rate {
  readonly setting: string;
  readonly graph: Graph['name'];
  /** Median of the rounds. */
  readonly tilesPerSecond: number;
  readonly rounds: readonly number[];
}

/** Each round of each graph and setting lasts so long, ms. */
const ROUND_MS = 150;

/** Rates of graphs under settings, in rounds that take turns, so that other load meets all of them alike. */
export async function compareRates(
  graphs: readonly Graph[],
  settings: readonly RateSetting[],
  rounds: number,
): Promise<Rate[]> {
  const rates: { setting: string; graph: Graph['name']; rounds: number[]; run: () => Promise<number> }[] = [];
  const sessions: InferenceSession[] = [];
  for (const { name, batch, options } of settings) {
    for (const graph of graphs) {
      const session = await InferenceSession.create(graph.path, {
        executionProviders: ['cpu'],
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        ...options,
      });
      sessions.push(session);
      const feeds = graph.feeds(batch);
      await session.run(feeds);
      const run = async (): Promise<number> => {
        const start = performance.now();
        let runs = 0;
        while (performance.now() - start < ROUND_MS) {
          await session.run(feeds);
          runs++;
        }
        return (1000 * batch * runs) / (performance.now() - start);
      };
      rates.push({ setting: name, graph: graph.name, rounds: [], run });
    }
  }
  for (let round = 0; round < rounds; round++) for (const rate of rates) rate.rounds.push(await rate.run());
  await Promise.all(sessions.map((session) => session.release()));
  return rates.map(({ setting, graph, rounds: all }) => {
    const sorted = all.toSorted((a, b) => a - b);
    return { setting, graph, tilesPerSecond: sorted[sorted.length >> 1]!, rounds: all };
  });
}
