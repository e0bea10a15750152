import { z } from 'zod';
import { integer, key, number } from '../key.js';

/** An address, or a range of them as CIDR. */
const addressRange = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

const secretName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'names of letters, digits, _ and -');

/** From the environment it comes as text. */
const secretTable = z.preprocess(
  (given) => {
    if (typeof given !== 'string') return given;
    try {
      return JSON.parse(given) as unknown;
    } catch {
      return given;
    }
  },
  z.record(secretName, z.string()),
);

/** How alerts are delivered, with which secrets, by which mail server. */
export const alerts = z.strictObject({
  poll_s: key(number(0.1, 3600, 5), {
    description: 'How often the deliverer looks for what is to be sent.',
    unit: 's',
  }),
  timeout_s: key(number(0.5, 300, 10), {
    description: 'A receiver that does not take a message within this is tried again later.',
    unit: 's',
  }),
  retry_s: key(number(0.01, 86_400, 30), {
    description: 'First wait after a failed delivery; doubled each time, half of it by chance.',
    unit: 's',
  }),
  retry_max_s: key(number(0.01, 86_400, 3600), { description: 'Longest such wait.', unit: 's' }),
  attempts: key(integer(1, 10_000, 50), {
    description: 'Attempts after which a delivery is given up; `selenoscan alerts list --failed` shows it.',
  }),
  expire_h: key(number(0.01, 8760, 72), {
    description: 'Age at which a delivery that fails is given up.',
    unit: 'h',
  }),
  receivers: key(integer(1, 1000, 16), {
    description: 'Receivers served at the same time; each gets one message after the other.',
  }),
  private: key(z.array(addressRange).default([]), {
    description:
      'Private, loopback or otherwise reserved addresses that webhooks may go to all the same, as addresses or CIDR ranges, e.g. ["10.2.0.0/16", "127.0.0.1"]. Empty = none.',
  }),
  secrets: key(secretTable.default({}), {
    description:
      'Secrets that the targets of rules name: signing keys of webhooks, addresses of Slack webhooks; as {NAME: value}, in the environment as JSON.',
    secret: true,
  }),
  secrets_dir: key(z.string().default(''), {
    description:
      'Folder with one file for each secret, named as it, e.g. /run/secrets; read whenever it is needed. Empty = none.',
  }),
  smtp_host: key(z.string().default(''), {
    description: 'Mail server that e-mail is sent by. Empty = none.',
  }),
  smtp_port: key(integer(1, 65_535, 587), { description: 'Its port; 587 for STARTTLS, 465 for TLS.' }),
  smtp_tls: key(z.enum(['starttls', 'tls', 'none']).default('starttls'), {
    description:
      'How the connection to it is encrypted: starttls insists on STARTTLS, tls encrypts from the first byte, none sends in the open.',
  }),
  smtp_user: key(z.string().default(''), {
    description: 'User it knows this deployment by. Empty = no login.',
  }),
  smtp_password: key(z.string().default(''), { description: 'Password of that user.', secret: true }),
  smtp_from: key(z.string().default('selenoscan@localhost'), { description: 'Sender of the mails.' }),
  smtp_ca: key(z.string().default(''), {
    description: 'PEM file with certificates to trust in place of the system’s. Empty = the system’s.',
  }),
});
