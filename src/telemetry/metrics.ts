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
  /** Stability index of the newest scans against what their calibration was learnt on. */
  readonly drift: Gauge<'input'>;
  readonly driftAlarm: Gauge<'input'>;
  readonly inputQuantile: Gauge<'input' | 'quantile' | 'of'>;
  readonly archiveRequests: Counter<'host' | 'outcome'>;
  readonly archiveBytes: Counter<'host'>;
  readonly archiveWaitSeconds: Histogram;
  /** Until when each host's circuit is or was open, as this process last saw it; null = closed. */
  readonly archiveCircuits: Map<string, Date | null>;
}

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
  return {
    registry,
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
