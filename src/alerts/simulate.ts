import { nextDigest } from './digest.js';
import type { AlertFacts } from './facts.js';
import { planAlerts, type PlannedAlert } from './plan.js';
import type { RulePolicy } from './rule.js';

/** A detection that a rule matched at some moment. */
export interface TimedMatch {
  readonly at: Date;
  readonly facts: AlertFacts;
}

/** A message that would have been sent. */
export interface SimulatedMessage {
  readonly at: Date;
  readonly kind: 'alert' | 'digest';
  /** The best of them, as many as the rule tells. */
  readonly items: readonly AlertFacts[];
  /** How many it tells of. */
  readonly count: number;
}

export interface Simulation {
  readonly matched: number;
  readonly messages: readonly SimulatedMessage[];
  /** Left out, since their place had alerted within the cool-down. */
  readonly suppressed: number;
  /** Would still wait for a digest. */
  readonly held: number;
}

/**
 * What a rule would have sent, by the same decisions as the deliverer's: those of one moment are decided on together,
 * and a digest goes at its time.
 *
 * @param matches in order of time
 * @param until end of the simulated time
 */
export function simulate(policy: RulePolicy, matches: readonly TimedMatch[], until: Date): Simulation {
  const messages: SimulatedMessage[] = [];
  let history: PlannedAlert[] = [];
  let held: TimedMatch[] = [];
  let suppressed = 0;
  const sendDigests = (now: Date): void => {
    const [oldest] = held;
    if (oldest === undefined) return;
    const at = nextDigest(policy.digest, oldest.at);
    if (at > now) return;
    const due = held.filter((match) => match.at < at);
    held = held.filter((match) => match.at >= at);
    const best = due.map(({ facts }) => facts).sort((a, b) => b.score - a.score || a.id - b.id);
    messages.push({ at, kind: 'digest', items: best.slice(0, policy.digest.top), count: due.length });
    sendDigests(now);
  };
  for (const group of groupByTime(matches)) {
    const [{ at }] = group;
    sendDigests(at);
    history = history.filter(
      (each) => at.getTime() - each.at.getTime() < Math.max(policy.cooldown, 86_400) * 1000,
    );
    const rows = group.map(({ facts }) => ({ id: facts.id, score: facts.score, place: facts }));
    const decisions = planAlerts(policy, history, rows, at);
    for (const match of [...group].sort((a, b) => b.facts.score - a.facts.score)) {
      const decision = decisions.get(match.facts.id);
      if (decision === 'suppress') {
        suppressed++;
        continue;
      }
      history.push({ at, atOnce: decision === 'send', place: match.facts });
      if (decision === 'send') messages.push({ at, kind: 'alert', items: [match.facts], count: 1 });
      else held.push(match);
    }
  }
  sendDigests(until);
  return { matched: matches.length, messages, suppressed, held: held.length };
}

function groupByTime(matches: readonly TimedMatch[]): [TimedMatch, ...TimedMatch[]][] {
  const groups: [TimedMatch, ...TimedMatch[]][] = [];
  for (const match of matches) {
    const last = groups.at(-1);
    if (last?.[0].at.getTime() === match.at.getTime()) last.push(match);
    else groups.push([match]);
  }
  return groups;
}
