import { expect, it } from 'vitest';
import { readRule } from '../../src/alerts/rule.js';
import type { Database } from '../../src/store/database.js';
import { finishScan } from '../../src/store/queries/finish-scan.js';
import { pastMatches } from '../../src/store/queries/past-matches.js';
import { prepareRuleArea } from '../../src/store/queries/put-alert-rule.js';
import { queueSiteAlerts } from '../../src/store/queries/queue-site-alerts.js';
import { requeueScans } from '../../src/store/queries/requeue-scans.js';
import { upsertProducts } from '../../src/store/queries/upsert-products.js';
import { describeWithDatabase, type CreateDatabase } from '../support/database.js';
import { addRule, announceLive, commitClaimed, makeSite, outbox, scanImage } from './alert-samples.js';
import { MODEL, announce, claim, sampleProduct, useModel } from './samples.js';

async function ready(createDatabase: CreateDatabase): Promise<Database> {
  const db = await createDatabase();
  await useModel(db);
  return db;
}

const detectionIds = async (db: Database): Promise<number[]> =>
  (await db.query<{ id: number }>('SELECT id FROM selenoscan_data.detection ORDER BY id')).map(
    ({ id }) => id,
  );

const FAILED = { state: 'failed', code: 'reset', reason: 'The archive went away.' } as const;

describeWithDatabase('queueing alerts', (createDatabase) => {
  it('queues what the first scan of a live image found, with the facts as they are then', async () => {
    const db = await ready(createDatabase);
    await addRule(db, { name: 'good', score: 5.85 });
    await scanImage(db, 1001, 3);
    const rows = await outbox(db);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      kind: 'alert',
      state: 'matched',
      payload: {
        id: (await detectionIds(db))[0],
        product_id: 'M1001LC',
        score: 5.9,
        rank_in_image: 1,
        lon: 22.05,
        lat: 19.5,
        uncertainty_m: 205.5,
        model_id: MODEL,
        site_changed: null,
      },
    });
  });

  it('does not alert for a backfill', async () => {
    const db = await ready(createDatabase);
    await addRule(db, { name: 'all' });
    const product = sampleProduct('M1002LC');
    await upsertProducts(db, { products: [{ product }], lane: 'backfill', modelId: MODEL });
    await commitClaimed(db, product, 2);
    expect(await outbox(db)).toEqual([]);
    const event = await makeSite(db, 'new', true, await detectionIds(db));
    await addRule(db, { name: 'sites', status: ['new'] });
    expect(await db.transaction((tx) => queueSiteAlerts(tx, [event]))).toBe(0);
  });

  it('does not alert for a scan made anew, nor for what only that one finds', async () => {
    const db = await ready(createDatabase);
    const product = await announceLive(db, 1003);
    await commitClaimed(db, product, 1);
    await addRule(db, { name: 'all' });
    await requeueScans(db, { modelId: MODEL, states: ['scanned'] });
    await commitClaimed(db, product, 3);
    expect(await outbox(db)).toEqual([]);
  });

  it('does not alert for a newer version of an image that was scanned before', async () => {
    const db = await ready(createDatabase);
    const product = await announceLive(db, 1004);
    await commitClaimed(db, product, 1);
    await addRule(db, { name: 'all' });
    const newer = sampleProduct('M1004LC', { version: 'v2.0', rowHash: 'another' });
    await announce(db, newer);
    await db.query(
      `UPDATE selenoscan_data.scan SET state = 'queued', error_code = NULL, error = NULL WHERE first_scanned_at IS NULL`,
    );
    await commitClaimed(db, newer, 2);
    expect(await detectionIds(db)).toHaveLength(2);
    expect(await outbox(db)).toEqual([]);
  });

  it('alerts for a live image that failed at first and was run again', async () => {
    const db = await ready(createDatabase);
    await addRule(db, { name: 'all' });
    const product = await announceLive(db, 1005);
    await finishScan(db, await claim(db), FAILED);
    expect(await requeueScans(db, { modelId: MODEL, states: ['failed'] })).toBe(1);
    await commitClaimed(db, product, 2);
    expect(await outbox(db)).toHaveLength(2);
  });

  it('does not alert for what was announced longer ago than the rule allows', async () => {
    const db = await ready(createDatabase);
    await addRule(db, { name: 'young', max_age: '2d' });
    await addRule(db, { name: 'old', max_age: '2w' });
    const product = await announceLive(db, 1006);
    await db.query(`UPDATE selenoscan_data.product SET discovered_at = now() - interval '3 days'`);
    await commitClaimed(db, product, 1);
    expect((await outbox(db)).map(({ rule_id }) => rule_id)).toEqual([2]);
  });

  it('matches rank, light, known objects and model, and no disabled rule', async () => {
    const db = await ready(createDatabase);
    await db.query(
      `INSERT INTO selenoscan_data.known_object (name, kind, lon, lat, uncertainty_m) VALUES ('Lander', 'lander', 22.05, 19.5, 10)`,
    );
    const wanted: Record<string, boolean> = {};
    const rule = async (name: string, matches: boolean, fields: object): Promise<void> => {
      wanted[name] = matches;
      await addRule(db, { name, rank: 1, ...fields });
    };
    const { incidenceDeg = null } = sampleProduct('M1007LC');
    const light = incidenceDeg ?? 0;
    await rule('light', true, { incidence: [light - 1, light + 1] });
    await rule('dark', false, { incidence: [light + 1, 180] });
    await rule('known', true, { known: true });
    await rule('unknown', false, { known: false });
    await rule('model', true, { model: MODEL });
    await rule('model-name', true, { model: 'starter' });
    await rule('other-model', false, { model: 'other' });
    await rule('disabled', false, {});
    await db.query(`UPDATE selenoscan_data.alert_rule SET enabled = false WHERE name = 'disabled'`);
    await scanImage(db, 1007, 2);
    const rows = await db.query<{ name: string; count: number }>(
      `SELECT r.name, count(a.id) AS count FROM selenoscan_data.alert_rule r
       LEFT JOIN selenoscan_data.alert_delivery a ON a.rule_id = r.id GROUP BY r.name`,
    );
    expect(Object.fromEntries(rows.map(({ name, count }) => [name, count === 1]))).toEqual(wanted);
  });

  it('leaves nothing queued where the commit fails', async () => {
    const db = await ready(createDatabase);
    await addRule(db, { name: 'all' });
    const product = await announceLive(db, 1008);
    await expect(
      db.transaction(async (tx) => {
        await commitClaimed({ ...db, query: tx.query.bind(tx), transaction: (work) => work(tx) }, product, 1);
        throw new Error('stop');
      }),
    ).rejects.toThrow('stop');
    expect(await outbox(db)).toEqual([]);
  });
});

describeWithDatabase('alerts on the status of a site', (createDatabase) => {
  it('come of the first build after the scan, once, and carry what the build found', async () => {
    const db = await ready(createDatabase);
    await addRule(db, { name: 'sites', status: ['persistent', 'change'], rank: 2 });
    await scanImage(db, 2001, 3);
    expect(await outbox(db)).toEqual([]);
    const [first = 0, second = 0, third = 0] = await detectionIds(db);
    const events = [
      await makeSite(db, 'new', true, [first]),
      await makeSite(db, 'new', false, [second]),
      await makeSite(db, 'persistent', false, [third]),
    ];
    expect(await db.transaction((tx) => queueSiteAlerts(tx, events))).toBe(1);
    expect((await outbox(db))[0]?.payload).toMatchObject({
      id: first,
      site_id: events[0]?.siteId,
      site_status: 'new',
      site_changed: true,
    });
    // A later build that finds more of the same detections tells nobody.
    const later = [await makeSite(db, 'persistent', true, [first, second])];
    expect(await db.transaction((tx) => queueSiteAlerts(tx, later))).toBe(0);
  });

  it('come for a site built only after the image was scanned anew, but not for what that scan found', async () => {
    const db = await ready(createDatabase);
    await addRule(db, { name: 'sites', status: ['new'] });
    const product = await announceLive(db, 2002);
    await commitClaimed(db, product, 1);
    await requeueScans(db, { modelId: MODEL, states: ['scanned'] });
    await commitClaimed(db, product, 2);
    const event = await makeSite(db, 'new', false, await detectionIds(db));
    expect(await db.transaction((tx) => queueSiteAlerts(tx, [event]))).toBe(1);
  });
});

describeWithDatabase('the area of a rule', (createDatabase) => {
  it('takes areas across 180 degrees, around poles and with holes', async () => {
    const db = await ready(createDatabase);
    const ring = (points: number[][]) => [...points, points[0]];
    const polygon = (...rings: number[][][]) => ({ type: 'Polygon', coordinates: rings.map(ring) });
    const cap = (lat: number) => [0, 90, 180, -90].map((lon) => [lon, lat]);
    const areas: [string, object][] = [
      ['seam', { area: polygon([[170, -5], [-170, -5], [-170, 5], [170, 5]]) }], // prettier-ignore
      ['box', { bbox: [170, -5, -170, 5] }],
      ['turned', { area: polygon([[530, -5], [540, -5], [540, 5], [530, 5]]) }], // prettier-ignore
      ['north', { area: polygon(cap(80)) }],
      ['south', { area: polygon(cap(-80)) }],
      ['belt', { area: polygon(cap(80), cap(85)) }],
      ['band', { area: polygon([[-180, 60], [180, 60], [180, 70], [-180, 70]]) }], // prettier-ignore
      ['hole', { area: polygon([[-10, -10], [10, -10], [10, 10], [-10, 10]], [[-1, -1], [1, -1], [1, 1], [-1, 1]]) }], // prettier-ignore
      ['anywhere', {}],
    ];
    for (const [name, fields] of areas) await addRule(db, { name, ...fields });
    const places = [
      { at: { lon: 175, lat: 0 }, in: ['seam', 'box', 'turned'] },
      { at: { lon: -175, lat: 0 }, in: ['seam', 'box'] },
      { at: { lon: 180, lat: 0 }, in: ['seam', 'box', 'turned'] },
      { at: { lon: -180, lat: 0 }, in: ['seam', 'box', 'turned'] },
      { at: { lon: 135, lat: 83 }, in: ['north', 'belt'] },
      { at: { lon: -179.9, lat: 88 }, in: ['north'] },
      { at: { lon: 12, lat: 90 }, in: ['north'] },
      { at: { lon: -45, lat: -89.99 }, in: ['south'] },
      { at: { lon: -45, lat: -79 }, in: [] },
      { at: { lon: 100, lat: 65 }, in: ['band'] },
      { at: { lon: -179.99, lat: 65 }, in: ['band'] },
      { at: { lon: 0, lat: 0 }, in: [] },
      { at: { lon: 5, lat: 5 }, in: ['hole'] },
    ];
    await scanImage(db, 3001, [...places.map(({ at }) => at), null]);
    const rows = await db.query<{ name: string; rank: number }>(
      `SELECT r.name, (a.payload ->> 'rank_in_image')::integer AS rank FROM selenoscan_data.alert_delivery a
       JOIN selenoscan_data.alert_rule r ON r.id = a.rule_id ORDER BY r.id`,
    );
    for (const [i, { at, in: names }] of places.entries()) {
      const found = rows.filter(({ rank }) => rank === i + 1).map(({ name }) => name);
      expect({ at, found }).toEqual({ at, found: [...names, 'anywhere'] });
    }
    expect(rows.filter(({ rank }) => rank === places.length + 1).map(({ name }) => name)).toEqual([
      'anywhere',
    ]);
  });

  it('refuses a ring that crosses itself, and says where', async () => {
    const db = await ready(createDatabase);
    const bow = [[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]]; // prettier-ignore
    const { area } = readRule(
      {
        name: 'bow',
        channel: 'notify',
        target: { channel: 'a' },
        area: { type: 'Polygon', coordinates: [bow] },
      },
      'test',
    );
    await expect(prepareRuleArea(db, area ?? [])).rejects.toThrow(/Self-intersection\[5 5\]/);
  });

  it('shows which past detections a rule matches', async () => {
    const db = await ready(createDatabase);
    await scanImage(db, 3002, [{ lon: 10, lat: 10 }, { lon: 179, lat: 0 }]); // prettier-ignore
    const rule = readRule(
      { name: 'r', channel: 'notify', target: { channel: 'a' }, bbox: [170, -5, -170, 5] },
      'test',
    );
    const { area } = await prepareRuleArea(db, rule.area ?? []);
    const time = { since: new Date(Date.now() - 3_600_000), until: new Date(Date.now() + 3_600_000) };
    const found = await pastMatches(db, { filter: rule.filter, area }, time, 10);
    expect(found.map(({ payload }) => payload['lon'])).toEqual([179]);
  });
});
