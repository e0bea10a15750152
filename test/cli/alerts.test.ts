import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startReceiver, verifySignature, type Receiver } from '../alerts/receiver.js';
import { addRule, outbox, scanImage } from '../store/alert-samples.js';
import { useModel } from '../store/samples.js';
import { runCli, sentenceOf, startCli } from '../support/cli.js';
import { createTestDatabase, describeWithPostgres, type TestDatabase } from '../support/postgres.js';

/** What the deliverer needs to send to this machine, and to notice soon that a process died. */
const LOCAL = {
  SELENOSCAN_ALERTS_PRIVATE: '["127.0.0.1"]',
  SELENOSCAN_ALERTS_SECRETS: '{"hook":"s3cret"}',
  SELENOSCAN_ALERTS_TIMEOUT_S: '0.5',
};

describeWithPostgres('selenoscan alerts', () => {
  let test: TestDatabase;
  let hook: Receiver;
  let dir: string;
  beforeAll(async () => {
    test = await createTestDatabase();
    await useModel(test.db);
    hook = await startReceiver();
    dir = await mkdtemp(join(tmpdir(), 'selenoscan-alerts-'));
  });
  afterAll(async () => {
    await hook.close();
    await rm(dir, { recursive: true, force: true });
  });
  const alerts = (...args: string[]) => runCli(['alerts', ...args], { ...LOCAL, DATABASE_URL: test.url });

  it('tests a rule on the past, adds it, lists it without secrets, and delivers', async () => {
    await scanImage(test.db, 1, [{ lon: 175, lat: 0 }, { lon: 0, lat: 0 }, { lon: -175, lat: 0 }]); // prettier-ignore
    const file = join(dir, 'seam.yaml');
    await writeFile(
      file,
      `name: seam
bbox: [170, -5, -170, 5]
channel: webhook
target: { url: "${hook.url}/in?key=abc", secret: hook }
rate: { hour: 1 }
`,
    );
    const tried = await alerts('test', '--file', file, '--json');
    expect(JSON.parse(tried.stdout)).toMatchObject({ rule: 'seam', matched: 2, would_send: 1, held: 1 });
    expect(hook.received).toEqual([]);

    const added = await alerts('add', '--file', file, '--score', '5');
    expect(added.code).toBe(0);
    expect(added.stdout).toContain('longitudes -180 to 180, latitudes -5 to 5');
    expect(sentenceOf(await alerts('add', '--file', file))).toContain('There is a rule seam already');
    await scanImage(test.db, 2, [{ lon: 179, lat: 1 }, { lon: 0, lat: 0 }, { lon: -179, lat: 1 }]); // prettier-ignore
    expect(JSON.parse((await alerts('deliver', '--json')).stdout)).toMatchObject({
      sent: 1,
      retried: 0,
      failed: 0,
    });
    expect(hook.received).toHaveLength(1);
    const [request] = hook.received;
    if (request !== undefined) verifySignature('s3cret', request);
    expect(request?.body).toMatch(/"chip":"http:[^"]*\/api\/detections\/4\/chip\.png\?s=[\w-]{43}"/);

    const listed = await alerts('list', '--json');
    const [rule] = (JSON.parse(listed.stdout) as { rules: object[] }).rules;
    expect(rule).toMatchObject({
      name: 'seam',
      enabled: true,
      filter: { score: 5 },
      alerts: { sent: 1, held: 1 },
    });
    expect(listed.stdout).not.toMatch(/s3cret|abc/);
    expect((await alerts('disable', 'seam')).code).toBe(0);
    expect((await alerts('remove', 'seam')).code).toBe(0);
    expect(await outbox(test.db)).toEqual([]);
  });

  it('says in one sentence what is wrong', async () => {
    const inside = await alerts(
      'add',
      'x',
      '--channel',
      'webhook',
      '--url',
      'http://0xa9fea9fe/latest/meta-data',
    );
    expect(inside.code).toBe(1);
    expect(sentenceOf(inside)).toContain('The receiver 169.254.169.254 is at a private');
    const none = await alerts('disable', 'nothing');
    expect([none.code, sentenceOf(none)]).toEqual([
      2,
      'selenoscan: There is no rule nothing; `selenoscan alerts list` shows those there are.',
    ]);
  });

  it('loses and invents nothing where the process is killed between sending and noting', async () => {
    await addRule(test.db, { name: 'killed', channel: 'webhook', target: { url: hook.url, secret: 'hook' } });
    await scanImage(test.db, 3, 5);
    const keys = (await outbox(test.db)).map(({ idempotency_key: key }) => key);
    hook.received.length = 0;
    hook.accepted.clear();
    for (let round = 0; round < 2; round++) {
      const before = hook.received.length;
      const child = startCli(['alerts', 'deliver'], { ...LOCAL, DATABASE_URL: test.url });
      const ended = new Promise((resolve) => child.once('close', resolve));
      // The second message is taken, and the answer never read.
      hook.answer = (_request, response) => {
        if (hook.received.length === before + 2) {
          child.kill('SIGKILL');
          setTimeout(() => response.end(), 50);
        } else response.end();
      };
      await ended;
    }
    hook.answer = (_request, response) => void response.end();
    await test.db.query(
      `UPDATE selenoscan_data.alert_delivery SET available_at = least(available_at, now()) WHERE state = 'pending'`,
    );
    expect((await alerts('deliver', '--json')).code).toBe(0);
    expect((await outbox(test.db)).every(({ state }) => state === 'sent')).toBe(true);
    expect(new Set(hook.received.map(({ key }) => key))).toEqual(new Set(keys));
    expect(hook.received.length).toBe(keys.length + 2);
  });
});
