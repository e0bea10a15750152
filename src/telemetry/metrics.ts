import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** What the daemon counts, in the form Prometheus reads. One instance per process. */
export interface Metrics {
  readonly registry: Registry;
  readonly scans: Counter<'state'>;
  readonly tiles: Counter<'state'>;
  readonly detections: Counter;
  /** Tiles by what became of them outside the sample: rescored in fp32, or approximate. */
  readonly screenedTiles: Counter<'outcome'>;
  /** Tiles drawn to check the bounds of int8 scores, and those beyond them. */
  readonly screenChecks: Counter<'outcome'>;
  /** Share of the screened tiles that lie beyond their bounds, by all draws of this process. */
  readonly screenMissEstimate: Gauge;
  /** Draws of this process so far. */
  readonly screenDraws: { checked: number; beyond: number };
  readonly polls: Counter<'outcome'>;
  readonly scanSeconds: Histogram;
  /** Pixels of scanned images. */
  readonly pixels: Counter;
  /** Scans that ended without a result, also those that are tried again. */
  readonly scanErrors: Counter<'state' | 'code'>;
  /** Seconds that scans were in a stage: fetch, geometry, decode, score, merge, describe, commit. */
  readonly stageSeconds: Counter<'stage'>;
  readonly onStage: (stage: string, seconds: number) => void;
  /** How many score threads there are, and what they have spent so far, seconds; null until there are any. */
  readonly scoreThreads: { work: () => (ThreadWork & { readonly threads: number }) | null };
  /** Stability index of the newest scans against what their calibration was learnt on. */
  readonly drift: Gauge<'input'>;
  readonly driftAlarm: Gauge<'input'>;
  readonly inputQuantile: Gauge<'input' | 'quantile' | 'of'>;
  /** 1 for the engine that scores. */
  readonly engine: Gauge<'engine' | 'device' | 'version'>;
  readonly engineTroubles: Counter<'kind' | 'engine' | 'device'>;
  readonly archiveRequests: Counter<'host' | 'outcome'>;
  readonly archiveBytes: Counter<'host'>;
  readonly archiveWaitSeconds: Histogram;
  /** Until when each host's circuit is or was open, as this process last saw it; null = closed. */
  readonly archiveCircuits: Map<string, Date | null>;
}

/** What score threads do. */
const THREAD_WORK = ['networks', 'scores', 'tiles'] as const;
/** Seconds of each. */
type ThreadWork = Readonly<Record<(typeof THREAD_WORK)[number], number>>;

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const archiveCircuits = new Map<string, Date | null>();
  new Gauge({
    name: 'selenoscan_archive_circuit',
    help: 'Circuit breaker of each archive host, as this process last saw it: 0 closed, 1 half-open, 2 open',
    labelNames: ['host'],
    registers,
    collect() {
      for (const [host, openUntil] of archiveCircuits)
        this.set({ host }, openUntil === null ? 0 : openUntil.getTime() > Date.now() ? 2 : 1);
    },
  });
  const stageSeconds = new Counter({
    name: 'selenoscan_stage_seconds_total',
    help: 'Wall time of scans by what it went into (fetch, geometry, decode, score, merge, describe, commit)',
    labelNames: ['stage'],
    registers,
  });
  const scoreThreads: Metrics['scoreThreads'] = { work: () => null };
  new Counter({
    name: 'selenoscan_score_thread_seconds_total',
    help: 'Time of all score threads together: in the networks, scoring besides (contrast, sun-directed response), not scoring (masks, cutting tiles)',
    labelNames: ['work'],
    registers,
    collect() {
      const work = scoreThreads.work();
      if (work === null) return;
      this.reset();
      for (const part of THREAD_WORK) this.inc({ work: part }, work[part]);
    },
  });
  new Gauge({
    name: 'selenoscan_score_threads',
    help: 'Threads that score: what of their time is not counted they were idle',
    registers,
    collect() {
      this.set(scoreThreads.work()?.threads ?? 0);
    },
  });
  return {
    registry,
    stageSeconds,
    onStage: (stage, seconds) => stageSeconds.inc({ stage }, Math.max(0, seconds)),
    scoreThreads,
    scans: new Counter({
      name: 'selenoscan_scans_total',
      help: 'Scans ended, by state',
      labelNames: ['state'],
      registers,
    }),
    tiles: new Counter({
      name: 'selenoscan_tiles_total',
      help: 'Tiles, scored or masked by reason',
      labelNames: ['state'],
      registers,
    }),
    screenedTiles: new Counter({
      name: 'selenoscan_screened_tiles_total',
      help: 'Tiles outside the samples of their images: rescored in fp32, or left approximate',
      labelNames: ['outcome'],
      registers,
    }),
    screenChecks: new Counter({
      name: 'selenoscan_screen_checks_total',
      help: 'Tiles that int8 had left out, drawn at random and scored in fp32: within the bounds, or beyond them',
      labelNames: ['outcome'],
      registers,
    }),
    screenDraws: { checked: 0, beyond: 0 },
    screenMissEstimate: new Gauge({
      name: 'selenoscan_screen_miss_estimate',
      help: 'Share of the tiles scored in int8 that lie beyond their bounds, by the draws of this process',
      registers,
    }),
    detections: new Counter({ name: 'selenoscan_detections_total', help: 'Detections committed', registers }),
    polls: new Counter({
      name: 'selenoscan_polls_total',
      help: 'Polls of the archive, by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    scanSeconds: new Histogram({
      name: 'selenoscan_scan_seconds',
      help: 'Wall time of one scan, fetch to commit',
      buckets: [1, 3, 10, 30, 60, 120, 300, 600, 1800],
      registers,
    }),
    pixels: new Counter({ name: 'selenoscan_pixels_total', help: 'Pixels of scanned images', registers }),
    scanErrors: new Counter({
      name: 'selenoscan_scan_errors_total',
      help: 'Scans that ended without a result, by the state they are in and the code of the error',
      labelNames: ['state', 'code'],
      registers,
    }),
    drift: new Gauge({
      name: 'selenoscan_input_drift',
      help: 'Population stability index of the newest scans against the reference of their calibration',
      labelNames: ['input'],
      registers,
    }),
    driftAlarm: new Gauge({
      name: 'selenoscan_input_drift_alarm',
      help: '1 while the newest scans are unlike the reference of their calibration (drift.threshold), else 0',
      labelNames: ['input'],
      registers,
    }),
    inputQuantile: new Gauge({
      name: 'selenoscan_input_quantile',
      help: 'Quantiles of grey levels, local contrast and calibrated scores, means over the newest scans and of the reference under their light',
      labelNames: ['input', 'quantile', 'of'],
      registers,
    }),
    engine: new Gauge({
      name: 'selenoscan_engine_info',
      help: '1 for the engine that scores, by its device and version',
      labelNames: ['engine', 'device', 'version'],
      registers,
    }),
    engineTroubles: new Counter({
      name: 'selenoscan_engine_troubles_total',
      help: 'Failings of the engine, by what was done: halved (fewer tiles at a time), replaced (a new thread), fell_back (another engine scores)',
      labelNames: ['kind', 'engine', 'device'],
      registers,
    }),
    archiveRequests: new Counter({
      name: 'selenoscan_archive_requests_total',
      help: 'Requests to each archive host, by outcome (ok, missing, redirect, throttled, failed, refused, dropped)',
      labelNames: ['host', 'outcome'],
      registers,
    }),
    archiveBytes: new Counter({
      name: 'selenoscan_archive_bytes_total',
      help: 'Bytes of bodies received from each archive host',
      labelNames: ['host'],
      registers,
    }),
    archiveWaitSeconds: new Histogram({
      name: 'selenoscan_archive_wait_seconds',
      help: 'Time that a request waited for its turn to ask an archive host',
      buckets: [0.01, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 600],
      registers,
    }),
    archiveCircuits,
  };
}

/** Which program and model the process runs, and in which roles: a constant 1 with the names as labels. */
export function registerInfo(
  { registry }: Metrics,
  info: Readonly<Record<'version' | 'model' | 'roles', string>>,
): void {
  new Gauge({
    name: 'selenoscan_info',
    help: 'The program, its model and its roles; the engine is told by selenoscan_engine_info',
    labelNames: Object.keys(info),
    registers: [registry],
  }).set(info, 1);
}
