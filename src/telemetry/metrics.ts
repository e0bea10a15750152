import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** What the daemon counts, in the form Prometheus reads. One instance per process. */
export interface Metrics {
  readonly registry: Registry;
  readonly scans: Counter<'state'>;
  readonly tiles: Counter<'state'>;
  readonly detections: Counter;
  readonly polls: Counter<'outcome'>;
  readonly scanSeconds: Histogram;
  /** Stability index of the newest scans against what their calibration was learnt on. */
  readonly drift: Gauge<'input'>;
  readonly driftAlarm: Gauge<'input'>;
  readonly inputQuantile: Gauge<'input' | 'quantile' | 'of'>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
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
  };
}
