import { createTransport } from 'nodemailer';
import { OperationalError, TransientError } from '../domain/errors.js';
import { contentId, mailOf } from './mail.js';
import type { AlertMessage } from './message.js';
import type { Notifier } from './notifier.js';
import type { EmailTarget } from './rule.js';

export interface SmtpOptions {
  readonly host: string;
  readonly port: number;
  /** `starttls`: encrypted before anything is said, or not at all; `tls`: from the first byte; `none`: open. */
  readonly tls: 'starttls' | 'tls' | 'none';
  readonly user: string;
  readonly password: string;
  readonly from: string;
  readonly timeoutMs: number;
  /** PEM of certificates to trust beside the system's. */
  readonly ca?: string;
}

/** PNG of a detection's tile, or null where it is not kept. */
export type ChipReader = (detection: number) => Promise<Uint8Array | null>;

/** Pictures in one mail at most. */
const MOST_CHIPS = 20;

/** Sends mail with text, HTML and the pictures of the detections. */
export function emailNotifier(options: SmtpOptions, chip: ChipReader): Notifier {
  return {
    async send(message, target, signal) {
      if (options.host === '')
        throw new TransientError('alert_smtp', 'No mail server is configured; set alerts.smtp_host.');
      const { chips, attachments } = await picturesOf(message, chip);
      const mail = mailOf(message, chips);
      const transport = createTransport({
        host: options.host,
        port: options.port,
        secure: options.tls === 'tls',
        requireTLS: options.tls === 'starttls',
        ignoreTLS: options.tls === 'none',
        ...(options.user === '' ? {} : { auth: { user: options.user, pass: options.password } }),
        connectionTimeout: options.timeoutMs,
        greetingTimeout: options.timeoutMs,
        socketTimeout: options.timeoutMs,
        disableFileAccess: true,
        disableUrlAccess: true,
        tls: options.ca === undefined ? {} : { ca: options.ca },
      });
      const close = (): void => transport.close();
      signal.addEventListener('abort', close);
      try {
        await transport.sendMail({
          from: options.from,
          to: [...(target as EmailTarget).to],
          ...mail,
          attachments,
          // One message keeps one id however often it is sent: most mail programs show it once.
          messageId: `<${message.key}@selenoscan>`,
          headers: { 'X-Selenoscan-Rule': message.rule, 'Auto-Submitted': 'auto-generated' },
        });
      } catch (error) {
        throw signal.aborted ? signal.reason : explain(error, options.host);
      } finally {
        signal.removeEventListener('abort', close);
        close();
      }
    },
  };
}

async function picturesOf(message: AlertMessage, chip: ChipReader) {
  const chips = new Set<number>();
  const attachments = [];
  for (const { facts } of message.items.slice(0, MOST_CHIPS)) {
    const png = await chip(facts.id);
    if (png === null) continue;
    chips.add(facts.id);
    attachments.push({
      filename: `detection-${facts.id}.png`,
      content: Buffer.from(png),
      contentType: 'image/png',
      cid: contentId(facts.id),
      contentDisposition: 'inline' as const,
    });
  }
  return { chips, attachments };
}

/** What the server refuses for good of a message is final; trouble with connection, encryption or login may pass. */
function explain(error: unknown, host: string): Error {
  const {
    responseCode = 0,
    code,
    message,
  } = error as { responseCode?: number; code?: string; message?: string };
  const isOfMessage = code === 'EENVELOPE' || code === 'EMESSAGE';
  const said = isOfMessage ? String(responseCode) : (code ?? message ?? 'no connection');
  const sentence = `The mail server ${host} did not take the message (${said}).`;
  return isOfMessage && responseCode >= 500
    ? new OperationalError('alert_smtp', sentence)
    : new TransientError('alert_smtp', sentence);
}
