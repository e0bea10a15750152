import { backoffS, isGivenUp, type RetryPolicy } from '../alerts/backoff.js';
import { buildMessage, type AlertLinks, type StoredAlert } from '../alerts/message.js';
import type { Notifier } from '../alerts/notifier.js';
import type { Channel, RulePolicy } from '../alerts/rule.js';
import type { Clock } from '../domain/clock.js';
import { OperationalError, TransientError, isUserFacing } from '../domain/errors.js';
import type { Database } from '../store/database.js';
import { alertBacklog } from '../store/queries/alert-backlog.js';
import { claimDelivery, type ClaimedDelivery } from '../store/queries/claim-delivery.js';
import { giveBack, markFailed, markRetry, markSent } from '../store/queries/end-delivery.js';
import { listAlertRules } from '../store/queries/list-alert-rules.js';
import type { AlertMetrics } from '../telemetry/alert-metrics.js';
import type { Logger } from '../telemetry/logger.js';
import { lanesOf, type Lane } from './alert-lanes.js';
import { planOutbox } from './plan-alerts.js';
import { withinTime } from './within-time.js';

export interface DelivererOptions extends RetryPolicy {
  readonly pollMs: number;
  /** How long one message may take; a delivery whose process died comes again a little later. */
  readonly timeoutMs: number;
  /** Receivers served at the same time. */
  readonly receivers: number;
}

export interface DelivererTools {
  readonly db: Database;
  readonly notifiers: Readonly<Record<Channel, Notifier>>;
  /** Where people find more, as it is at the moment. */
  readonly links: () => Promise<AlertLinks>;
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics?: AlertMetrics;
  /** Whether this process is the deployment's one deliverer; asked before each round. */
  readonly mayDeliver: () => Promise<boolean>;
  /** From 0 to below 1; Math.random where none is given. */
  readonly random?: () => number;
}

/** What became of attempts. */
export interface DeliveryTally {
  readonly sent: number;
  readonly retried: number;
  readonly failed: number;
}

/** Sends what the outbox holds (invariant 8: at least once, each message with its idempotency key). */
export interface Deliverer {
  /** Delivers until `signal` aborts; waits out all trouble. */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Delivers what is due, each receiver until it fails. Null where another process is the deliverer.
   */
  deliverDue(signal: AbortSignal): Promise<DeliveryTally | null>;
}

/** Beyond the time of one message, so that only what was really left comes again. */
const LEASE_MARGIN_S = 5;

/** How soon to ask again whether the deliverer is gone: with many workers each question is a connection. */
const LEFT_TO_ANOTHER_MS = 30_000;
/** After a round that failed for a reason that nobody foresaw. */
const UNFORESEEN_MS = 60_000;

type Outcome = 'sent' | 'retried' | 'failed' | 'stopped';

export function createDeliverer(options: DelivererOptions, tools: DelivererTools): Deliverer {
  return new OutboxDeliverer(options, tools);
}

class OutboxDeliverer implements Deliverer {
  readonly #options: DelivererOptions;
  readonly #tools: DelivererTools;
  readonly #busy = new Map<string, Promise<void>>();
  /** Receivers in trouble: failures in a row, and until when they are left alone. */
  readonly #trouble = new Map<string, { readonly failures: number; readonly until: number }>();
  readonly #tally = { sent: 0, retried: 0, failed: 0 };

  constructor(options: DelivererOptions, tools: DelivererTools) {
    this.#options = options;
    this.#tools = tools;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { log, clock } = this.#tools;
    while (!signal.aborted) {
      let waitMs = this.#options.pollMs;
      try {
        if ((await this.#round(signal)) === null) waitMs = Math.max(waitMs, LEFT_TO_ANOTHER_MS);
      } catch (error) {
        if (isUserFacing(error))
          log.warn({ code: error.code, reason: error.message }, 'Deliver:DatabaseAway');
        else {
          log.error({ err: error }, 'Deliver:RoundFailed');
          waitMs = Math.max(waitMs, UNFORESEEN_MS);
        }
      }
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
    await Promise.all(this.#busy.values());
  }

  async deliverDue(signal: AbortSignal): Promise<DeliveryTally | null> {
    const before = { ...this.#tally };
    // A round plans at most so many alerts, and a freed receiver makes room for the next.
    for (let again = true; again && !signal.aborted;) {
      const started = await this.#round(signal);
      if (started === null) return null;
      await Promise.all(this.#busy.values());
      again = started > 0;
    }
    const now = this.#tally;
    return {
      sent: now.sent - before.sent,
      retried: now.retried - before.retried,
      failed: now.failed - before.failed,
    };
  }

  /** Plans, and sets free receivers to work. @returns how much there was to do, or null where it is not ours */
  async #round(signal: AbortSignal): Promise<number | null> {
    const { db, mayDeliver } = this.#tools;
    if (!(await mayDeliver())) return null;
    const rules = (await listAlertRules(db)).filter(({ enabled }) => enabled);
    let work = 0;
    if (rules.length > 0) {
      const policies = rules.map(({ id, policy }) => ({ id, policy: policy as unknown as RulePolicy }));
      if (await planOutbox(db, policies)) work++;
      for (const lane of lanesOf(rules)) {
        if (this.#busy.size >= this.#options.receivers) break;
        if (this.#busy.has(lane.key) || this.#isResting(lane.key)) continue;
        const first = await this.#claim(lane);
        if (first === null) continue;
        work++;
        this.#start(lane, first, signal);
      }
    }
    await this.#measure();
    return work;
  }

  #isResting(key: string): boolean {
    return (this.#trouble.get(key)?.until ?? 0) > performance.now();
  }

  #claim(lane: Lane): Promise<ClaimedDelivery | null> {
    const leaseS = this.#options.timeoutMs / 1000 + LEASE_MARGIN_S;
    return claimDelivery(
      this.#tools.db,
      lane.rules.map(({ id }) => id),
      leaseS,
    );
  }

  #start(lane: Lane, first: ClaimedDelivery, signal: AbortSignal): void {
    const work = this.#serve(lane, first, signal)
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.#tools.log.warn({ reason }, 'Deliver:Interrupted');
      })
      .finally(() => this.#busy.delete(lane.key));
    this.#busy.set(lane.key, work);
  }

  /** One message after the other, until none is due or the receiver is in trouble. */
  async #serve(lane: Lane, first: ClaimedDelivery, signal: AbortSignal): Promise<void> {
    for (let next: ClaimedDelivery | null = first; next !== null;) {
      const outcome = await this.#deliver(lane, next, signal);
      if (outcome === 'stopped' || this.#isResting(lane.key)) return;
      next = signal.aborted ? null : await this.#claim(lane);
    }
  }

  async #deliver(lane: Lane, claimed: ClaimedDelivery, signal: AbortSignal): Promise<Outcome> {
    const { db, notifiers, links, log, metrics } = this.#tools;
    const rule = lane.rules.find(({ id }) => id === claimed.rule_id);
    if (rule === undefined) return 'stopped';
    const channel = rule.channel as Channel;
    const about = { rule: rule.name, delivery: claimed.id, attempt: claimed.attempts };
    try {
      const message = buildMessage(stored(claimed, rule.name), await links());
      await withinTime(this.#options.timeoutMs, signal, (until) =>
        notifiers[channel].send(message, rule.target, until),
      );
    } catch (error) {
      if (signal.aborted) {
        await giveBack(db, claimed);
        return 'stopped';
      }
      const outcome = await this.#failed(lane, claimed, error);
      const reason = sentenceOf(error);
      log.warn({ ...about, reason }, outcome === 'failed' ? 'Deliver:GivenUp' : 'Deliver:Failed');
      this.#tally[outcome]++;
      metrics?.attempts.inc({ channel, outcome });
      return outcome;
    }
    this.#trouble.delete(lane.key);
    await markSent(db, claimed);
    log.info(about, 'Deliver:Sent');
    this.#tally.sent++;
    metrics?.attempts.inc({ channel, outcome: 'sent' });
    return 'sent';
  }

  /**
   * A receiver in trouble is left alone, longer each time, and what waits for it with it. What it refuses of one
   * message keeps no other one.
   */
  async #failed(lane: Lane, claimed: ClaimedDelivery, error: unknown): Promise<'retried' | 'failed'> {
    const { db, random = Math.random } = this.#tools;
    const retryAfterS = error instanceof TransientError ? error.retryAfterS : undefined;
    let waitS = backoffS(this.#options, claimed.attempts, retryAfterS, random);
    if (!(error instanceof OperationalError)) {
      const failures = (this.#trouble.get(lane.key)?.failures ?? 0) + 1;
      const restS = backoffS(this.#options, failures, retryAfterS, random);
      this.#trouble.set(lane.key, { failures, until: performance.now() + restS * 1000 });
      // Behind the others, so that a message that is the trouble itself holds up none of them.
      waitS = Math.max(waitS, restS * 1.01);
    }
    if (isGivenUp(this.#options, claimed.attempts, claimed.age_s)) {
      await markFailed(db, claimed, sentenceOf(error));
      return 'failed';
    }
    await markRetry(db, claimed, waitS, sentenceOf(error));
    return 'retried';
  }

  async #measure(): Promise<void> {
    const { metrics, db } = this.#tools;
    if (metrics === undefined) return;
    const { states, oldest_s } = await alertBacklog(db);
    for (const state of ['matched', 'pending', 'held', 'failed'])
      metrics.queued.set({ state }, states[state] ?? 0);
    metrics.oldestSeconds.set(oldest_s);
  }
}

function stored(claimed: ClaimedDelivery, rule: string): StoredAlert {
  const { kind, idempotency_key: key, payload } = claimed;
  return { kind, key, rule, payload } as unknown as StoredAlert;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
