import { Gauge, type Registry } from 'prom-client';

/** What the database says of the whole deployment. */
export interface DeploymentFacts {
  /** Scans by lane and state. */
  readonly lanes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Whether each lane is paused. */
  readonly paused: Readonly<Record<string, boolean>>;
  /** Seconds until each lane is empty; null = unknown. */
  readonly etaSeconds: Readonly<Record<string, number | null>>;
  /** When the newest image was taken that the archive told of, and the newest that was scanned. */
  readonly newest: Readonly<Record<'seen' | 'scanned', Date | null>>;
  /** Scans that wait for a build of the sites, and since when the oldest does. */
  readonly sites: { readonly scans: number; readonly since: Date | null };
}

/** A value with the labels it goes under. */
type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/**
 * Gauges of the deployment. Of all its processes those that poll or serve the page have them, so that fifty workers do
 * not ask the database the same at every scrape. While the database is away they keep silent, and
 * `selenoscan_database_up` is 0.
 *
 * @param ask called once by each gauge at each scrape: the caller remembers the answer for a moment
 */
export function registerDeploymentMetrics(registry: Registry, ask: () => Promise<DeploymentFacts>): void {
  const gauge = (
    name: string,
    help: string,
    labelNames: readonly string[],
    samples: (facts: DeploymentFacts | null) => readonly Sample[],
  ): void => {
    new Gauge({
      name: `selenoscan_${name}`,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        const facts = await ask().catch(() => null);
        this.reset();
        for (const [labels, value] of samples(facts)) this.set(labels, value);
      },
    });
  };
  gauge('database_up', '1 while the database answers', [], (facts) => [[{}, facts === null ? 0 : 1]]);
  gauge('queue_scans', 'Scans of the active model, by lane and state', ['lane', 'state'], (facts) =>
    Object.entries(facts?.lanes ?? {}).flatMap(([lane, counts]) =>
      Object.entries(counts).map(([state, count]): Sample => [{ lane, state }, count]),
    ),
  );
  gauge('lane_paused', '1 while nothing is claimed from the lane', ['lane'], (facts) =>
    Object.entries(facts?.paused ?? {}).map(([lane, paused]): Sample => [{ lane }, paused ? 1 : 0]),
  );
  gauge(
    'lane_eta_seconds',
    'Seconds until the lane is empty at the present capacity; absent while that is unknown',
    ['lane'],
    (facts) =>
      Object.entries(facts?.etaSeconds ?? {}).flatMap(([lane, seconds]): Sample[] =>
        seconds === null ? [] : [[{ lane }, seconds]],
      ),
  );
  gauge('sites_pending_scans', 'Scans that wait for a build of the sites', [], (facts) =>
    facts === null ? [] : [[{}, facts.sites.scans]],
  );
  gauge('sites_pending_seconds', 'How long the oldest of them has waited; 0 where none waits', [], (facts) =>
    facts === null ? [] : [[{}, facts.sites.since === null ? 0 : secondsSince(facts.sites.since)]],
  );
  gauge(
    'newest_image_timestamp_seconds',
    'When the newest image was taken: of those the archive told of (seen), of those that were scanned',
    ['what'],
    (facts) =>
      Object.entries(facts?.newest ?? {}).flatMap(([what, takenAt]): Sample[] =>
        takenAt === null ? [] : [[{ what }, takenAt.getTime() / 1000]],
      ),
  );
}

function secondsSince(time: Date): number {
  return Math.max(0, (Date.now() - time.getTime()) / 1000);
}
