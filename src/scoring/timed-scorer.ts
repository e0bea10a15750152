import type { Scorer } from './scorer.js';

/** Seconds that a score thread was busy with strips and tiles to confirm. */
export interface WorkSeconds {
  /** In the networks. */
  readonly networks: number;
  /** Scoring besides: local contrast, the sun-directed response, residuals, turning tiles for the learned scorer. */
  readonly scores: number;
  /** Not scoring: masks, and cutting tiles. */
  readonly tiles: number;
}

export const NO_WORK: WorkSeconds = { networks: 0, scores: 0, tiles: 0 };

export function addWork(a: WorkSeconds, b: WorkSeconds): WorkSeconds {
  return {
    networks: a.networks + b.networks,
    scores: a.scores + b.scores,
    tiles: a.tiles + b.tiles,
  };
}

/** A scorer whose time in the networks is counted. */
export interface TimedScorer extends Scorer {
  /** So far, explanations left out. */
  readonly networkSeconds: () => number;
}

export function timedScorer(scorer: Scorer): TimedScorer {
  let ms = 0;
  const timed =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>): ((...args: A) => Promise<R>) =>
    async (...args) => {
      const started = performance.now();
      try {
        return await call(...args);
      } finally {
        ms += performance.now() - started;
      }
    };
  const { hardware, screen, screenHardware, scoreAt, scoreStrip } = scorer;
  return {
    info: scorer.info,
    networkSeconds: () => ms / 1000,
    score: timed((batch) => scorer.score(batch)),
    explain: (batch) => scorer.explain(batch),
    ...(hardware && { hardware: timed(hardware) }),
    ...(screen && { screen: timed(screen) }),
    ...(screenHardware && { screenHardware: timed(screenHardware) }),
    ...(scoreAt && { scoreAt: timed(scoreAt) }),
    ...(scoreStrip && { scoreStrip: timed(scoreStrip) }),
    close: () => scorer.close(),
  };
}
