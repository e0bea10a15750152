import { readFileSync } from 'node:fs';
import { AllowedAddresses } from '../alerts/addresses.js';
import { emailNotifier, type SmtpOptions } from '../alerts/email.js';
import type { AlertLinks } from '../alerts/message.js';
import { pgNotifier, slackNotifier, webhookNotifier } from '../alerts/notifiers.js';
import { createPost } from '../alerts/post.js';
import { secretReader } from '../alerts/secrets.js';
import type { Config } from '../config/schema.js';
import { UsageError } from '../domain/errors.js';
import { chipLink, linkPads, type LinkPads } from '../http/chip-link.js';
import { createDeliverer, type Deliverer } from '../pipeline/deliverer.js';
import type { Database } from '../store/database.js';
import { getSetting } from '../store/queries/get-setting.js';
import { keepLinkPads } from '../store/queries/link-pads.js';
import { readPicture } from '../store/queries/read-picture.js';
import type { AlertMetrics } from '../telemetry/alert-metrics.js';
import { systemClock } from '../telemetry/clock.js';
import type { Logger } from '../telemetry/logger.js';
import { codeVersion } from './version.js';

export interface DelivererParts {
  readonly log: Logger;
  readonly mayDeliver: () => Promise<boolean>;
  readonly metrics?: AlertMetrics;
}

/**
 * The deliverer as configured.
 * @throws UsageError where a file that the configuration names cannot be read
 */
export async function openDeliverer(config: Config, db: Database, parts: DelivererParts): Promise<Deliverer> {
  const { alerts } = config;
  const timeoutMs = alerts.timeout_s * 1000;
  const post = createPost({
    allowed: new AllowedAddresses(alerts.private),
    timeoutMs,
    userAgent: `selenoscan/${codeVersion()}`,
  });
  const secret = secretReader(alerts.secrets, alerts.secrets_dir);
  const notifiers = {
    webhook: webhookNotifier(post, secret, () => systemClock.now()),
    slack: slackNotifier(post, secret),
    email: emailNotifier(smtpOptions(config), (id) => readPicture(db, id, 'tile')),
    notify: pgNotifier(async (channel, payload) => {
      await db.query('SELECT pg_notify($1, $2)', [channel, payload]);
    }),
  };
  const pads = await openLinkPads(config, db);
  return createDeliverer(
    {
      pollMs: alerts.poll_s * 1000,
      timeoutMs,
      receivers: alerts.receivers,
      retryS: alerts.retry_s,
      retryMaxS: alerts.retry_max_s,
      attempts: alerts.attempts,
      expireH: alerts.expire_h,
    },
    { db, notifiers, links: () => alertLinks(config, db, pads), clock: systemClock, ...parts },
  );
}

/** The key that signs links to pictures: of the configuration, or the database's own. */
export function openLinkPads(config: Config, db: Database): Promise<LinkPads> {
  const { link_secret: given } = config.http;
  return keepLinkPads(db, linkPads(given), given !== '');
}

/** Links as people reach them now: the process that serves the page may be another one, and keeps its address. */
export async function alertLinks(config: Config, db: Database, pads: LinkPads): Promise<AlertLinks> {
  const kept = config.http.url === '' ? await getSetting(db, 'http.url') : config.http.url;
  const base = typeof kept === 'string' ? kept : `http://127.0.0.1:${config.http.port}`;
  return {
    page: (id) => `${base.replace(/\/$/, '')}/#detection/${id}`,
    chip: (id) => chipLink(base, pads, id),
  };
}

function smtpOptions({ alerts }: Config): SmtpOptions {
  return {
    host: alerts.smtp_host,
    port: alerts.smtp_port,
    tls: alerts.smtp_tls,
    user: alerts.smtp_user,
    password: alerts.smtp_password,
    from: alerts.smtp_from,
    timeoutMs: alerts.timeout_s * 1000,
    ...(alerts.smtp_ca === '' ? {} : { ca: certificates(alerts.smtp_ca) }),
  };
}

function certificates(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`alerts.smtp_ca names ${path}, which cannot be read; check path and permissions.`, {
      cause,
    });
  }
}
