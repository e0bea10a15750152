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
  /** In the fastest single run, which other load disturbs least. */
  readonly leastMicrosecondsPerTile: number;
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
  const rates: {
    setting: string;
    graph: Graph['name'];
    least: number;
    rounds: number[];
    run: (seen: (ms: number) => void) => Promise<number>;
  }[] = [];
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
      const run = async (seen: (ms: number) => void): Promise<number> => {
        const start = performance.now();
        let runs = 0;
        for (let before = start; before - start < ROUND_MS; runs++) {
          await session.run(feeds);
          const after = performance.now();
          seen((after - before) / batch);
          before = after;
        }
        return (1000 * batch * runs) / (performance.now() - start);
      };
      rates.push({ setting: name, graph: graph.name, least: Infinity, rounds: [], run });
    }
  }
  for (let round = 0; round < rounds; round++)
    for (const rate of rates)
      rate.rounds.push(await rate.run((ms) => (rate.least = Math.min(rate.least, 1000 * ms))));
  await Promise.all(sessions.map((session) => session.release()));
  return rates.map(({ setting, graph, least, rounds: all }) => {
    const sorted = all.toSorted((a, b) => a - b);
    const tilesPerSecond = sorted[sorted.length >> 1]!;
    return { setting, graph, tilesPerSecond, leastMicrosecondsPerTile: least, rounds: all };
  });
}
