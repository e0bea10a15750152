import { Counter, Gauge, type Registry } from 'prom-client';

/** What the deliverer counts. */
export interface AlertMetrics {
  /** Attempts by channel and outcome: sent, retried, failed (given up). */
  readonly attempts: Counter<'channel' | 'outcome'>;
  /** Alerts and digests in the outbox by state. */
  readonly queued: Gauge<'state'>;
  readonly oldestSeconds: Gauge;
}

export function createAlertMetrics(registry: Registry): AlertMetrics {
  const registers = [registry];
  return {
    attempts: new Counter({
      name: 'selenoscan_alert_deliveries_total',
      help: 'Attempts to deliver alerts, by channel and outcome (sent, retried, failed = given up)',
      labelNames: ['channel', 'outcome'],
      registers,
    }),
    queued: new Gauge({
      name: 'selenoscan_alerts',
      help: 'Alerts and digests in the outbox by state: matched, pending, held (for a digest), failed',
      labelNames: ['state'],
      registers,
    }),
    oldestSeconds: new Gauge({
      name: 'selenoscan_alert_oldest_seconds',
      help: 'Age of the oldest message that should have gone, as the deliverer last saw it',
      registers,
    }),
  };
}
