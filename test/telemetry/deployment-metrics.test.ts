import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { registerDeploymentMetrics, type DeploymentFacts } from '../../src/telemetry/deployment-metrics.js';

const FACTS: DeploymentFacts = {
  lanes: { live: { queued: 3, scanned: 40 }, backfill: { queued: 0, scanned: 0 } },
  paused: { live: false, backfill: true },
  etaSeconds: { live: 120, backfill: null },
  sites: { scans: 2, since: new Date(Date.now() - 60_000) },
  newest: { seen: new Date('2026-06-01T00:00:00Z'), scanned: null },
};

it('tells at each scrape what the database says, and falls silent while it is away', async () => {
  const registry = new Registry();
  let answer: () => Promise<DeploymentFacts> = () => Promise.resolve(FACTS);
  registerDeploymentMetrics(registry, () => answer());
  const text = await registry.metrics();
  expect(text).toContain('selenoscan_queue_scans{lane="live",state="queued"} 3');
  expect(text).toContain('selenoscan_lane_paused{lane="backfill"} 1');
  expect(text).toContain('selenoscan_lane_eta_seconds{lane="live"} 120');
  expect(text).not.toContain('selenoscan_lane_eta_seconds{lane="backfill"}');
  expect(text).toContain('selenoscan_newest_image_timestamp_seconds{what="seen"} 1780272000');
  expect(text).toContain('selenoscan_sites_pending_scans 2');
  expect(Number(/^selenoscan_sites_pending_seconds (.*)$/m.exec(text)?.[1])).toBeCloseTo(60, 0);
  expect(text).toContain('selenoscan_database_up 1');
  answer = () => Promise.reject(new Error('no database'));
  const silent = await registry.metrics();
  expect(silent).toContain('selenoscan_database_up 0');
  expect(silent).not.toContain('selenoscan_queue_scans{');
});
