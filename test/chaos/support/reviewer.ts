import type { Queryable } from '../../../src/store/database.js';

/** Reviews that a daemon took: each has to outlive it. */
export class Reviewer {
  /** Names under which a review was acknowledged. */
  readonly taken: string[] = [];

  /** Posts one of whatever detection there is; one that is not answered may be there or not. */
  async post(address: string, name: string, draw: number): Promise<void> {
    try {
      const listed = await fetch(new URL('/api/detections?limit=50', address), {
        signal: AbortSignal.timeout(5000),
      });
      const { features } = (await listed.json()) as { features: readonly { id: number }[] };
      const feature = features[Math.floor(draw * features.length)];
      if (feature === undefined) return;
      const answer = await fetch(new URL(`/api/detections/${feature.id}/review`, address), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ reviewer: name, verdict: 'accept' }),
        signal: AbortSignal.timeout(5000),
      });
      if (answer.ok) this.taken.push(name);
    } catch {
      // The daemon ended meanwhile, or is slow: nothing was promised.
    }
  }
}

/** Names of all who reviewed, once for each review. */
export async function reviewersOf(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ reviewer: string }>('SELECT reviewer FROM selenoscan_data.review');
  return rows.map(({ reviewer }) => reviewer);
}
