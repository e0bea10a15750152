import { AllowedAddresses } from '../../src/alerts/addresses.js';
import { emailNotifier, type SmtpOptions } from '../../src/alerts/email.js';
import type { Notifier } from '../../src/alerts/notifier.js';
import { pgNotifier, slackNotifier, webhookNotifier } from '../../src/alerts/notifiers.js';
import { createPost } from '../../src/alerts/post.js';
import { secretReader } from '../../src/alerts/secrets.js';
import type { Clock } from '../../src/domain/clock.js';
import { createDeliverer, type Deliverer, type DelivererOptions } from '../../src/pipeline/deliverer.js';
import type { Database } from '../../src/store/database.js';
import { readPicture } from '../../src/store/queries/read-picture.js';
import { systemClock } from '../../src/telemetry/clock.js';
import { createLogger } from '../../src/telemetry/logger.js';

export const SECRET = 'a key that both know';

export const SMTP: SmtpOptions = {
  host: '',
  port: 25,
  tls: 'none',
  user: '',
  password: '',
  from: 'moon@observatory.example',
  timeoutMs: 2000,
};

export interface Changes {
  readonly options?: Partial<DelivererOptions>;
  readonly smtp?: Partial<SmtpOptions>;
  readonly secrets?: Record<string, string>;
  readonly webhook?: Notifier;
  readonly mayDeliver?: () => Promise<boolean>;
  readonly clock?: Clock;
}

/** The deliverer as the daemon has it, but impatient, and allowed to send to this machine. */
export function testDeliverer(db: Database, changes: Changes = {}): Deliverer {
  const options: DelivererOptions = {
    pollMs: 20,
    timeoutMs: 500,
    receivers: 8,
    retryS: 0.05,
    retryMaxS: 0.2,
    attempts: 1000,
    expireH: 1,
    ...changes.options,
  };
  const post = createPost({
    allowed: new AllowedAddresses(['127.0.0.1']),
    timeoutMs: options.timeoutMs,
    userAgent: 'selenoscan/test',
  });
  const secret = secretReader({ hook: SECRET, ...changes.secrets }, '');
  return createDeliverer(options, {
    db,
    notifiers: {
      webhook: changes.webhook ?? webhookNotifier(post, secret, () => new Date()),
      slack: slackNotifier(post, secret),
      email: emailNotifier({ ...SMTP, ...changes.smtp }, (id) => readPicture(db, id, 'tile')),
      notify: pgNotifier(async (channel, payload) => {
        await db.query('SELECT pg_notify($1, $2)', [channel, payload]);
      }),
    },
    links: () =>
      Promise.resolve({
        page: (id) => `http://page/#detection/${id}`,
        chip: (id) => `http://page/chip/${id}`,
      }),
    log: createLogger('silent', 'test'),
    clock: changes.clock ?? systemClock,
    mayDeliver: changes.mayDeliver ?? (() => Promise.resolve(true)),
  });
}

/** Delivers until nothing is left to send, which must come within `ms`. */
export async function deliverAll(db: Database, deliverer: Deliverer, ms = 20_000): Promise<void> {
  const stop = new AbortController();
  const running = deliverer.run(stop.signal);
  const deadline = Date.now() + ms;
  for (;;) {
    const [left] = await db.query<{ count: number }>(
      `SELECT count(*) AS count FROM selenoscan_data.alert_delivery WHERE state IN ('matched', 'pending')`,
    );
    if (left?.count === 0) break;
    if (Date.now() > deadline) throw new Error(`${left?.count} messages are left.`);
    await systemClock.sleep(20);
  }
  stop.abort();
  await running;
}
