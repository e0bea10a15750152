import { lastDigest, nextDigest } from '../alerts/digest.js';
import type { AlertFacts } from '../alerts/facts.js';
import { planAlerts, type Decision, type MatchedAlert } from '../alerts/plan.js';
import type { RulePolicy } from '../alerts/rule.js';
import type { Database, Queryable } from '../store/database.js';
import { bundleDigest, heldSince } from '../store/queries/bundle-digest.js';
import {
  databaseNow,
  decideAlerts,
  matchedAlerts,
  plannedAlerts,
  type MatchedRow,
} from '../store/queries/plan-alerts.js';

/** What the planner needs of a rule. */
export interface PolicyOf {
  readonly id: number;
  readonly policy: RulePolicy;
}

const STATES = { send: 'pending', hold: 'held', suppress: 'suppressed' } as const satisfies Record<
  Decision,
  string
>;
const DAY_S = 86_400;

/**
 * Decides what becomes of alerts that matched, and bundles digests whose time has come. One process of a deployment
 * does it at a time; all of it is one transaction, so that a crash leaves it to the next.
 *
 * @returns whether there was anything to decide
 */
export async function planOutbox(db: Database, rules: readonly PolicyOf[]): Promise<boolean> {
  return db.transaction(async (tx) => {
    const matched = await matchedAlerts(tx);
    const held = await heldSince(tx);
    if (matched.length + held.length === 0) return false;
    const now = await databaseNow(tx);
    for (const { id, policy } of rules) {
      const ours = matched.filter((row) => row.rule_id === id);
      if (ours.length > 0) await decide(tx, { id, policy }, ours, now);
      const since = held.find((row) => row.rule_id === id)?.since;
      if (since !== undefined && nextDigest(policy.digest, since) <= now)
        await bundleDigest(tx, id, lastDigest(policy.digest, now), policy.digest.top);
    }
    return matched.length > 0;
  });
}

async function decide(tx: Queryable, { id, policy }: PolicyOf, rows: readonly MatchedRow[], now: Date) {
  const planned = await plannedAlerts(tx, id, Math.max(policy.cooldown, DAY_S));
  const history = planned.map(({ planned_at: at, state, payload }) => ({
    at,
    atOnce: state === 'pending' || state === 'sent' || state === 'failed',
    place: payload as unknown as AlertFacts,
  }));
  const decisions = planAlerts(policy, history, rows.map(matchOf), now);
  await decideAlerts(
    tx,
    [...decisions].map(([alert, decision]) => ({ id: alert, state: STATES[decision] })),
  );
}

function matchOf({ id, payload }: MatchedRow): MatchedAlert {
  const place = payload as unknown as AlertFacts;
  return { id, score: place.score, place };
}
