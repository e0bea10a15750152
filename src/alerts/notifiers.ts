import { OperationalError } from '../domain/errors.js';
import type { Notifier } from './notifier.js';
import { notifyPayload } from './notify-payload.js';
import type { Post } from './post.js';
import type { NotifyTarget, SlackTarget, WebhookTarget } from './rule.js';
import type { SecretReader } from './secrets.js';
import { signature } from './sign.js';
import { slackBody } from './slack-body.js';
import { webhookBody } from './webhook-body.js';

/** Posts the message as JSON, signed where the rule names a secret. */
export function webhookNotifier(post: Post, secret: SecretReader, now: () => Date): Notifier {
  return {
    async send(message, target, signal) {
      const { url, url_secret, secret: name } = target as WebhookTarget;
      const address = url ?? (await addressOf(secret, url_secret ?? ''));
      const body = webhookBody(message);
      const signed =
        name === undefined ? {} : { 'selenoscan-signature': signature(await secret(name), body, now()) };
      await post(address, body, { 'idempotency-key': message.key, ...signed }, signal);
    },
  };
}

/** Posts to an incoming webhook of Slack or of a server that takes the same. */
export function slackNotifier(post: Post, secret: SecretReader): Notifier {
  return {
    async send(message, target, signal) {
      const address = await addressOf(secret, (target as SlackTarget).url_secret);
      await post(address, slackBody(message), { 'idempotency-key': message.key }, signal);
    },
  };
}

/** Sends by NOTIFY of the database. */
export function pgNotifier(notify: (channel: string, payload: string) => Promise<void>): Notifier {
  return { send: (message, target) => notify((target as NotifyTarget).channel, notifyPayload(message)) };
}

async function addressOf(secret: SecretReader, name: string): Promise<string> {
  const address = await secret(name);
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address;
  throw new OperationalError(
    'alert_secret',
    `The secret ${name} is not an address that begins with https:// or http://.`,
  );
}
