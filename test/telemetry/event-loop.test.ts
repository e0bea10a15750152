import { expect, it } from 'vitest';
import { createMetrics } from '../../src/telemetry/metrics.js';

it('tells how long the main thread keeps others waiting', async () => {
  const text = await createMetrics().registry.metrics();
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds [\d.e-]+$/m);
  expect(text).toContain('selenoscan_stage_seconds_total');
});
