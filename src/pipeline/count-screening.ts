import type { ScanScreening } from '../domain/scan.js';
import type { Metrics } from '../telemetry/metrics.js';

/** Adds what the mode of a committed scan came to. */
export function countScreening(metrics: Metrics, screening: ScanScreening): void {
  const { rescored, approximate, checked, beyond } = screening;
  metrics.screenedTiles.inc({ outcome: 'rescored' }, rescored);
  metrics.screenedTiles.inc({ outcome: 'approximate' }, approximate);
  if (checked === 0) return;
  metrics.screenChecks.inc({ outcome: 'within' }, checked - beyond);
  metrics.screenChecks.inc({ outcome: 'beyond' }, beyond);
  metrics.screenDraws.checked += checked;
  metrics.screenDraws.beyond += beyond;
  metrics.screenMissEstimate.set(metrics.screenDraws.beyond / metrics.screenDraws.checked);
}
