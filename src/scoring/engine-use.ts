import type { ScorePool } from './score-pool.js';
import type { EngineInfo } from './scorer.js';
import { NO_WORK } from './timed-scorer.js';

/**
 * A pool as one scan uses it: its `info` names the engines that have done the scan's work, in order, e.g.
 * `tensorflow+onnxruntime` on `gpu+cpu` where the second took over from the first.
 */
export function engineUse(pool: ScorePool): ScorePool {
  const used: EngineInfo[] = [];
  const note = (info: EngineInfo): void => {
    if (!used.some(({ engine, device }) => engine === info.engine && device === info.device)) used.push(info);
  };
  const all = (part: keyof EngineInfo): string => used.map((info) => info[part]).join('+');
  return {
    get info() {
      return used.length === 0
        ? pool.info
        : { engine: all('engine'), device: all('device'), version: all('version') };
    },
    get workers() {
      return pool.workers;
    },
    get screens() {
      return pool.screens;
    },
    get work() {
      return pool.work ?? NO_WORK;
    },
    confirm: (job, signal) => pool.confirm(job, signal, note),
    scoreStrip: (job, signal) => pool.scoreStrip(job, signal, note),
    explain: (batch) => pool.explain(batch, note),
    close: () => pool.close(),
  };
}
