import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createAlertMetrics } from '../../src/telemetry/alert-metrics.js';
import { registerDeploymentMetrics } from '../../src/telemetry/deployment-metrics.js';
import { createMetrics, registerInfo } from '../../src/telemetry/metrics.js';

/** Of Prometheus itself, not of the daemon. */
const FOREIGN = new Set(['up']);

test.each(['deploy/grafana/dashboards/selenoscan.json', 'deploy/prometheus/alerts.yml'])(
  '%s asks only for metrics that the daemon has',
  async (file) => {
    const metrics = createMetrics();
    registerDeploymentMetrics(metrics.registry, () => Promise.reject(new Error('not asked')));
    createAlertMetrics(metrics.registry);
    registerInfo(metrics, { version: '', model: '', roles: '' });
    const known = new Set((await metrics.registry.getMetricsAsJSON()).map(({ name }) => name));
    const asked =
      readFileSync(file, 'utf8').match(/\b(selenoscan|nodejs|process)_[a-z0-9_]+(?=[{[)\s"=>])/g) ?? [];
    expect(asked.length).toBeGreaterThan(5);
    const unknown = asked.filter(
      (name) => !FOREIGN.has(name) && !known.has(name.replace(/_(bucket|sum|count)$/, '')),
    );
    expect([...new Set(unknown)]).toEqual([]);
  },
);
