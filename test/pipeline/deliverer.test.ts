import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { TransientError } from '../../src/domain/errors.js';
import type { Database } from '../../src/store/database.js';
import { createSingletonLock } from '../../src/store/postgres/singleton-lock.js';
import { enableAlertRule } from '../../src/store/queries/change-alert-rule.js';
import { failedDeliveries, requeueFailed } from '../../src/store/queries/failed-deliveries.js';
import { startReceiver, verifySignature, type Receiver } from '../alerts/receiver.js';
import { addRule, outbox, scanImage } from '../store/alert-samples.js';
import { useModel } from '../store/samples.js';
import { describeWithDatabase, type CreateDatabase } from '../support/database.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';
import { SECRET, deliverAll, testDeliverer } from './deliverer-support.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function receiver(port?: number): Promise<Receiver> {
  const started = await startReceiver(port);
  open.push(started);
  return started;
}

const signal = new AbortController().signal;
const webhookTo = (url: string) => ({ channel: 'webhook', target: { url, secret: 'hook' } });

async function ready(createDatabase: CreateDatabase): Promise<Database> {
  const db = await createDatabase();
  await useModel(db);
  return db;
}

const states = async (db: Database): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { state } of await outbox(db)) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
};

describeWithDatabase('delivering alerts', (createDatabase) => {
  it('delivers every alert that is due through a receiver that is down, fails and stalls', async () => {
    const db = await ready(createDatabase);
    const first = await receiver();
    await addRule(db, { name: 'hook', ...webhookTo(first.url) });
    await first.close();
    await scanImage(db, 1, 30);
    const due = 30;
    const deliverer = testDeliverer(db);
    const down = await deliverer.deliverDue(signal);
    expect(down).toMatchObject({ sent: 0, failed: 0 });
    expect(down?.retried).toBeGreaterThan(0);

    const second = await receiver(first.port);
    let count = 0;
    second.answer = async (request, response) => {
      verifySignature(SECRET, request);
      count++;
      if (count % 5 === 1) response.statusCode = 500;
      if (count % 11 === 7) await sleep(700);
      if (count % 13 === 9) response.destroy();
      else response.end();
    };
    await deliverAll(db, deliverer);
    const keys = (await outbox(db)).map(({ idempotency_key: key }) => key);
    expect(second.accepted).toEqual(new Set(keys));
    expect(second.accepted.size).toBe(due);
    expect(await states(db)).toEqual({ sent: due });
    // Whenever a message came again it was the same one.
    const bodies = new Map<string, Set<string>>();
    for (const { key, body } of second.received) bodies.set(key, (bodies.get(key) ?? new Set()).add(body));
    expect([...bodies.values()].every((each) => each.size === 1)).toBe(true);
    expect(second.received.length).toBeGreaterThan(due);
  });

  it('sends again, with the same key, what a process sent and died before it could note', async () => {
    const db = await ready(createDatabase);
    const hook = await receiver();
    await addRule(db, { name: 'hook', ...webhookTo(hook.url) });
    await scanImage(db, 1, 3);
    let stop: () => void = () => undefined;
    hook.answer = (_request, response) => {
      response.end();
      // The connection that would note it is gone from here on.
      if (hook.received.length === 2) stop();
    };
    const cut = new Promise<void>((resolve) => (stop = resolve));
    let isCut = false;
    void cut.then(() => (isCut = true));
    const dying: Database = {
      ...db,
      query: (sql, parameters) =>
        isCut ? Promise.reject(new TransientError('database-lost', 'gone')) : db.query(sql, parameters),
      transaction: (work) => db.transaction(work),
    };
    await testDeliverer(dying)
      .deliverDue(signal)
      .catch(() => undefined);
    expect(await states(db)).toEqual({ sent: 1, pending: 2 });
    // Its lease is not over.
    await testDeliverer(db).deliverDue(signal);
    expect(await states(db)).toEqual({ sent: 2, pending: 1 });
    await db.query(`UPDATE selenoscan_data.alert_delivery SET available_at = now() WHERE state = 'pending'`);
    await testDeliverer(db).deliverDue(signal);
    expect(await states(db)).toEqual({ sent: 3 });
    expect(hook.received).toHaveLength(4);
    expect(hook.accepted.size).toBe(3);
  });

  it('is not held up by a slow receiver, nor by a message that is never taken', async () => {
    const db = await ready(createDatabase);
    const [slow, quick] = [await receiver(), await receiver()];
    slow.answer = () => undefined;
    let poison = '';
    quick.answer = (request, response) => {
      poison ||= request.key;
      response.statusCode = request.key === poison ? 503 : 200;
      response.end();
    };
    await addRule(db, { name: 'slow', ...webhookTo(slow.url) });
    await addRule(db, { name: 'quick', ...webhookTo(quick.url) });
    await scanImage(db, 1, 12);
    const stop = new AbortController();
    const running = testDeliverer(db, { options: { timeoutMs: 60_000 } }).run(stop.signal);
    await expect.poll(() => quick.accepted.size, { timeout: 10_000 }).toBe(11);
    stop.abort();
    await running;
    expect(slow.received).toHaveLength(1);
    const rows = (await outbox(db)).filter(({ rule_id }) => rule_id === 1);
    // Given back at the end, so that the next process need not wait for its lease.
    expect(rows.every(({ state, attempts }) => state === 'pending' && attempts === 0)).toBe(true);
  });

  it('goes on after a round that failed for no reason that it knows, and beside a rule that was spoilt by hand', async () => {
    const db = await ready(createDatabase);
    const hook = await receiver();
    const spoilt = await addRule(db, { name: 'spoilt', ...webhookTo(hook.url) });
    await db.query(
      `UPDATE selenoscan_data.alert_rule SET target = target || '{"url": "nowhere"}' WHERE id = $1`,
      [spoilt],
    );
    await addRule(db, { name: 'hook', ...webhookTo(hook.url) });
    await scanImage(db, 1, 2);
    let rounds = 0;
    const mayDeliver = (): Promise<boolean> =>
      rounds++ === 0 ? Promise.reject(new TypeError('nobody foresaw this')) : Promise.resolve(true);
    const waits: number[] = [];
    const clock = {
      now: () => new Date(),
      sleep: (ms: number, until?: AbortSignal) => {
        waits.push(ms);
        return sleep(20, undefined, { signal: until });
      },
    };
    const stop = new AbortController();
    const running = testDeliverer(db, { mayDeliver, clock }).run(stop.signal);
    for (let tried = 0; hook.accepted.size < 2 && tried < 200; tried++) await sleep(50);
    stop.abort();
    await running;
    expect(hook.accepted.size).toBe(2);
    expect(waits[0]).toBe(60_000);
  });

  it('heeds Retry-After', async () => {
    const db = await ready(createDatabase);
    const hook = await receiver();
    hook.answer = (_request, response) => {
      response.writeHead(429, { 'retry-after': '120' });
      response.end();
    };
    await addRule(db, { name: 'hook', ...webhookTo(hook.url) });
    await scanImage(db, 1, 1);
    await testDeliverer(db).deliverDue(signal);
    const [row] = await db.query<{ wait: number; error: string }>(
      `SELECT extract(epoch FROM available_at - now())::double precision AS wait, error FROM selenoscan_data.alert_delivery`,
    );
    expect(row?.wait).toBeGreaterThan(110);
    expect(row?.error).toBe(`127.0.0.1:${hook.port} answered 429.`);
  });

  it('gives up after the last attempt, lists it, and sends it when asked to', async () => {
    const db = await ready(createDatabase);
    const hook = await receiver();
    hook.answer = (_request, response) => {
      response.statusCode = 404;
      response.end('an answer that nobody reads');
    };
    await addRule(db, { name: 'hook', ...webhookTo(hook.url) });
    await scanImage(db, 1, 2);
    await deliverAll(db, testDeliverer(db, { options: { attempts: 3 } }));
    expect(hook.received).toHaveLength(6);
    const failed = await failedDeliveries(db);
    expect(failed).toMatchObject([
      { rule: 'hook', attempts: 3, error: `127.0.0.1:${hook.port} answered 404.` },
      { rule: 'hook', attempts: 3 },
    ]);
    hook.answer = (_request, response) => void response.end();
    expect(await requeueFailed(db)).toBe(2);
    expect(await testDeliverer(db).deliverDue(signal)).toEqual({ sent: 2, retried: 0, failed: 0 });
    expect(hook.accepted).toEqual(new Set(failed.map(({ idempotency_key: key }) => key)));
  });

  it('sends at once what the rate allows, best first, and the others in a digest at its hour', async () => {
    const db = await ready(createDatabase);
    const hook = await receiver();
    await addRule(db, { name: 'hook', ...webhookTo(hook.url), rate: { hour: 2 }, digest: { top: 3 } });
    await scanImage(db, 1, 8);
    await testDeliverer(db).deliverDue(signal);
    expect(await states(db)).toEqual({ sent: 2, held: 6 });
    const scoreOf = ({ body }: { body: string }) =>
      (JSON.parse(body) as { detection: { score: number } }).detection.score;
    expect(hook.received.map(scoreOf)).toEqual([5.9, 5.8]);
    await db.query(
      `UPDATE selenoscan_data.alert_delivery SET planned_at = planned_at - interval '25 hours' WHERE state = 'held'`,
    );
    await testDeliverer(db).deliverDue(signal);
    await testDeliverer(db).deliverDue(signal);
    expect(await states(db)).toEqual({ sent: 3, bundled: 6 });
    const digest = JSON.parse(hook.received[2]?.body ?? '') as {
      kind: string;
      more: number;
      detections: { score: number }[];
    };
    expect(hook.received).toHaveLength(3);
    expect(digest).toMatchObject({ kind: 'digest', more: 3 });
    expect(digest.detections.map(({ score }) => score)).toEqual([5.7, 5.6, 5.5]);
  });

  it('tells a place once within the cool-down', async () => {
    const db = await ready(createDatabase);
    const hook = await receiver();
    await addRule(db, { name: 'hook', ...webhookTo(hook.url), cooldown: '1d' });
    const near = [{ lon: 22, lat: 19 }, { lon: 22.005, lat: 19 }, { lon: 22.05, lat: 19 }]; // prettier-ignore
    await scanImage(db, 1, near);
    await scanImage(db, 2, near.slice(2));
    await testDeliverer(db).deliverDue(signal);
    expect(await states(db)).toEqual({ sent: 2, suppressed: 2 });
    await db.query(`UPDATE selenoscan_data.alert_delivery SET planned_at = planned_at - interval '25 hours'`);
    await scanImage(db, 3, near.slice(0, 1));
    await testDeliverer(db).deliverDue(signal);
    expect(await states(db)).toEqual({ sent: 3, suppressed: 2 });
  });

  it('sends nothing of a disabled rule until it is enabled', async () => {
    const db = await ready(createDatabase);
    const hook = await receiver();
    await addRule(db, { name: 'hook', ...webhookTo(hook.url) });
    await scanImage(db, 1, 1);
    await enableAlertRule(db, 'hook', false);
    expect(await testDeliverer(db).deliverDue(signal)).toEqual({ sent: 0, retried: 0, failed: 0 });
    await enableAlertRule(db, 'hook', true);
    expect(await testDeliverer(db).deliverDue(signal)).toEqual({ sent: 1, retried: 0, failed: 0 });
  });
});

describeWithPostgres('two deliverers', () => {
  it('are never both at work: the second takes over when the first is gone', async () => {
    const { db, url } = await createTestDatabase();
    await useModel(db);
    const hook = await receiver();
    await addRule(db, { name: 'hook', ...webhookTo(hook.url) });
    await scanImage(db, 1, 1);
    const locks = [createSingletonLock(url, 'deliverer'), createSingletonLock(url, 'deliverer')];
    const [first, second] = locks.map((lock) => testDeliverer(db, { mayDeliver: () => lock.held() }));
    expect(await first?.deliverDue(signal)).toMatchObject({ sent: 1 });
    await scanImage(db, 2, 1);
    expect(await second?.deliverDue(signal)).toBeNull();
    await locks[0]?.release();
    expect(await second?.deliverDue(signal)).toMatchObject({ sent: 1 });
    await locks[1]?.release();
    expect(hook.accepted.size).toBe(2);
  });
});
