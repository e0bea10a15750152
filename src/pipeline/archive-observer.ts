import type { ArchiveObserver } from '../archive/http/archive-observer.js';
import type { Metrics } from '../telemetry/metrics.js';

/** Counts what happens between this process and the hosts of the archive. */
export function archiveObserver(metrics: Metrics): Required<ArchiveObserver> {
  const { archiveRequests, archiveBytes, archiveWaitSeconds, archiveCircuits } = metrics;
  return {
    circuit: (host, openUntil) => void archiveCircuits.set(host, openUntil),
    request: (host, outcome) => archiveRequests.inc({ host, outcome }),
    bytes: (host, count) => archiveBytes.inc({ host }, count),
    waited: (_host, seconds) => archiveWaitSeconds.observe(seconds),
  };
}
