import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { SMTPServer } from 'smtp-server';
import { afterEach, expect, it } from 'vitest';
import type { Database } from '../../src/store/database.js';
import { startReceiver } from '../alerts/receiver.js';
import { addRule, outbox, scanImage } from '../store/alert-samples.js';
import { useModel } from '../store/samples.js';
import { describeWithDatabase, type CreateDatabase } from '../support/database.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';
import { SECRET, deliverAll, testDeliverer } from './deliverer-support.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

const signal = new AbortController().signal;

async function ready(createDatabase: CreateDatabase): Promise<Database> {
  const db = await createDatabase();
  await useModel(db);
  return db;
}

interface Mail {
  readonly to: string[];
  readonly text: string;
}

/** A mail server that notes what it takes; the first `refuse` messages it does not, for now. */
async function smtp(options: { refuse?: number; user?: string; password?: string } = {}) {
  const mails: Mail[] = [];
  let refuse = options.refuse ?? 0;
  const server = new SMTPServer({
    authOptional: options.user === undefined,
    disabledCommands: options.user === undefined ? ['STARTTLS', 'AUTH'] : [],
    onAuth: ({ username, password }, _session, callback) => {
      const fits = username === options.user && password === options.password;
      callback(fits ? null : new Error('no'), fits ? { user: username ?? '' } : undefined);
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (refuse-- > 0) {
          callback(Object.assign(new Error('Come again.'), { responseCode: 451 }));
          return;
        }
        mails.push({
          to: session.envelope.rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString(),
        });
        callback();
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({ close: () => new Promise((resolve) => server.close(() => resolve())) });
  return { mails, port: (server.server.address() as AddressInfo).port };
}

describeWithDatabase('the channels', (createDatabase) => {
  it('give a webhook all that is known, with a signature and a key', async () => {
    const db = await ready(createDatabase);
    const hook = await startReceiver();
    open.push(hook);
    await addRule(db, {
      name: 'hook',
      channel: 'webhook',
      target: { url: `${hook.url}/in?x=1`, secret: 'hook' },
    });
    await scanImage(db, 1, 1);
    expect(await testDeliverer(db).deliverDue(signal)).toMatchObject({ sent: 1 });
    const [row] = await outbox(db);
    const [request] = hook.received;
    expect(request).toMatchObject({ path: '/in?x=1', key: row?.idempotency_key });
    const [, time = '', given] =
      /^t=(\d+),v1=(.*)$/.exec(String(request?.headers['selenoscan-signature'])) ?? [];
    expect(given).toBe(createHmac('sha256', SECRET).update(`${time}.${request?.body}`).digest('hex'));
    expect(JSON.parse(request?.body ?? '')).toEqual({
      version: 1,
      kind: 'alert',
      id: row?.idempotency_key,
      rule: 'hook',
      title: 'Detection, score 5.90: 19.50000° N 22.05000° E',
      credit: 'Images: NASA/GSFC/Arizona State University',
      detection: expect.objectContaining({
        id: 1,
        product_id: 'M1LC',
        observed_at: '2026-04-10T01:28:54.845Z',
        score: 5.9,
        rank_in_image: 1,
        uncertainty_m: 205.5,
        place: '19.50000° N 22.05000° E, within 206 m (95 %)',
        model_id: 'starter@0123456789ab',
        code_version: '0.1.0',
        links: {
          page: 'http://page/#detection/1',
          chip: 'http://page/chip/1',
          product: 'https://data.lroc.im-ldi.com/lroc/view_lroc/LRO-L-LROC-3-CDR-V1.0/M1LC',
        },
      }) as unknown,
    });
  });

  it('give Slack blocks in its own marks, at an address that stays secret', async () => {
    const db = await ready(createDatabase);
    const slack = await startReceiver();
    open.push(slack);
    slack.answer = (_request, response) => {
      response.statusCode = slack.received.length === 1 ? 500 : 200;
      response.end();
    };
    await db.query(
      `INSERT INTO selenoscan_data.known_object (name, kind, lon, lat, uncertainty_m) VALUES ('A <b> & C', 'lander', 22.05, 19.5, 10)`,
    );
    await addRule(db, { name: 'slack', channel: 'slack', target: { url_secret: 'room' } });
    await scanImage(db, 1, 1);
    // Long enough that one round does not meet its own second try.
    const options = { retryS: 3, retryMaxS: 3 };
    const secrets = { room: `${slack.url}/services/T0/B0/key` };
    const deliverer = testDeliverer(db, { options, secrets });
    await deliverer.deliverDue(signal);
    expect((await outbox(db))[0]?.error).toBe(`127.0.0.1:${slack.port} answered 500.`);
    await deliverAll(db, deliverer);
    expect(slack.received[1]?.path).toBe('/services/T0/B0/key');
    const body = JSON.parse(slack.received[1]?.body ?? '') as {
      text: string;
      blocks: { text?: { text: string } }[];
    };
    expect(body.text).toContain('Detection, score 5.90');
    const section = body.blocks[1]?.text?.text ?? '';
    expect(section).toContain('*Score 5.90, rank 1 in its image*');
    expect(section).toContain('may be A &lt;b&gt; &amp; C');
    expect(section).toContain('<http://page/#detection/1|Review page>');
  });

  it('mail text, HTML and picture, again after the server put them off', async () => {
    const db = await ready(createDatabase);
    const server = await smtp({ refuse: 2 });
    const to = ['one@moon.example', 'two@moon.example'];
    await addRule(db, { name: 'mail', channel: 'email', target: { to } });
    await scanImage(db, 1, 2);
    const deliverer = testDeliverer(db, {
      smtp: { host: '127.0.0.1', port: server.port },
      options: { timeoutMs: 5000 },
    });
    await deliverAll(db, deliverer);
    expect(server.mails).toHaveLength(2);
    const keys = (await outbox(db)).map(({ idempotency_key: key }) => key);
    const ids = server.mails.map(({ text }) => /^Message-ID: <(.*)@selenoscan>/m.exec(text)?.[1]);
    expect([...ids].sort()).toEqual([...keys].sort());
    for (const mail of server.mails) {
      expect(mail.to).toEqual(to);
      expect(mail.text).toMatch(/^From: moon@observatory\.example/m);
      expect(mail.text).toMatch(/^Content-Type: text\/plain/m);
      expect(mail.text).toMatch(/^Content-Type: text\/html/m);
      expect(mail.text).toMatch(/^Content-ID: <chip-\d@selenoscan>/m);
      expect(mail.text).toContain('cid:chip-');
    }
    const encoded = Buffer.from('tile 1').toString('base64');
    expect(server.mails.some(({ text }) => text.includes(encoded))).toBe(true);
  });

  it('never mail in the open where STARTTLS is asked for', async () => {
    const db = await ready(createDatabase);
    const server = await smtp();
    await addRule(db, { name: 'mail', channel: 'email', target: { to: ['one@moon.example'] } });
    await scanImage(db, 1, 1);
    const smtpOptions = { host: '127.0.0.1', port: server.port, tls: 'starttls' as const };
    expect(
      await testDeliverer(db, { smtp: smtpOptions, options: { retryS: 60, retryMaxS: 60 } }).deliverDue(
        signal,
      ),
    ).toEqual({
      sent: 0,
      retried: 1,
      failed: 0,
    });
    expect(server.mails).toEqual([]);
    expect((await outbox(db))[0]?.error).toBe('The mail server 127.0.0.1 did not take the message (ETLS).');
  });

  it('say which secret is missing, and nothing of those that are there', async () => {
    const db = await ready(createDatabase);
    await addRule(db, { name: 'slack', channel: 'slack', target: { url_secret: 'absent' } });
    await scanImage(db, 1, 1);
    await testDeliverer(db).deliverDue(signal);
    expect((await outbox(db))[0]?.error).toContain('There is no secret absent: add it to alerts.secrets');
    expect(JSON.stringify(await outbox(db))).not.toContain(SECRET);
  });
});

describeWithPostgres('NOTIFY', () => {
  it('reaches who listens, in less than 8000 bytes however much a digest tells', async () => {
    const { db, url } = await createTestDatabase();
    await useModel(db);
    const client = new pg.Client(url);
    await client.connect();
    const got: string[] = [];
    client.on('notification', ({ payload }) => got.push(payload ?? ''));
    await client.query('LISTEN lunar_news');
    const target = { channel: 'lunar_news' };
    await addRule(db, { name: 'n', channel: 'notify', target, rate: { hour: 1 }, digest: { top: 100 } });
    await scanImage(db, 1, 99);
    await testDeliverer(db).deliverDue(signal);
    await db.query(`UPDATE selenoscan_data.alert_delivery SET planned_at = planned_at - interval '25 hours'`);
    await testDeliverer(db).deliverDue(signal);
    await expect.poll(() => got.length).toBe(2);
    await client.end();
    const [alert, digest] = got.map((each) => JSON.parse(each) as { detections: unknown[]; more: number });
    expect(alert).toMatchObject({ rule: 'n', kind: 'alert', detections: [{ score: 5.9 }], more: 0 });
    expect(got.every((each) => Buffer.byteLength(each) < 8000)).toBe(true);
    expect((digest?.detections.length ?? 0) + (digest?.more ?? 0)).toBe(98);
    expect(digest?.detections.length).toBeGreaterThan(15);
  });
});
