import { beforeAll, expect, it } from 'vitest';
import { pino } from 'pino';
import { renderPlace, type RenderedImage, type RenderedPlace } from '../../bench/sites/rendered-place.js';
import type { TrueObject } from '../../bench/sites/observe.js';
import type { SiteEvent } from '../../src/domain/site.js';
import { createRandom } from '../../src/domain/random.js';
import { createSiteBuilder } from '../../src/pipeline/site-builder.js';
import { SITE_OPTIONS } from '../../src/sites/site-options.js';
import type { Database } from '../../src/store/database.js';
import { activateModel } from '../../src/store/queries/activate-model.js';
import { requeueScans } from '../../src/store/queries/requeue-scans.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { putKnownObjects } from '../../src/store/queries/put-known-objects.js';
import { systemClock } from '../../src/telemetry/clock.js';
import { describeWithDatabase } from '../support/database.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';
import { MODEL, claim, useModel } from '../store/samples.js';
import { commitInOrder, prepareScans, type PreparedScan } from './support.js';

const CENTRE = { lon: 177.6, lat: -45.5 };
const HIGH_SUN = { lon: 170, lat: 0.5 };
/** Like the high Sun, a month later. */
const HIGH_AGAIN = { lon: 171, lat: -0.5 };
const WEST_SUN = { lon: 135, lat: 0.2 };

/** Six images of one place: four under like light, one of the west, one of the first again. */
const SUNS = [HIGH_SUN, HIGH_AGAIN, WEST_SUN, HIGH_SUN, { lon: 172, lat: 0 }, HIGH_AGAIN];

let place: RenderedPlace;
beforeAll(() => {
  place = renderPlace({
    seed: 8,
    centre: CENTRE,
    terrain: 'rugged',
    images: SUNS.length,
    samples: 2400,
    lines: 3000,
    awayM: { across: 300, along: 300 },
    suns: SUNS,
  });
}, 120_000);

const at = (x: number, y: number, score: TrueObject['score']): TrueObject => ({
  place: { x, y },
  sizeM: 8,
  score,
});
/** Stands there in all images. */
const LASTING = at(-150, 300, () => 6);
/** Came between the third and the fourth image. */
const NEW = at(400, -350, (_: RenderedImage, index) => (index >= 3 ? 6.5 : null));
/** Shows under the western Sun alone. */
const SHADOW = at(-450, -600, (_: RenderedImage, index) => (index === 2 ? 7 : null));
/** Was there in the first image alone, under a light that came again. */
const GONE = at(550, 650, (_: RenderedImage, index) => (index === 0 ? 6 : null));
const OBJECTS = [LASTING, NEW, SHADOW, GONE];

function builderOf(db: Database, events: SiteEvent[] = [], onEvents?: () => void) {
  return createSiteBuilder({
    db,
    log: pino({ level: 'silent' }),
    clock: systemClock,
    options: SITE_OPTIONS,
    everyMs: 10,
    mayBuild: () => Promise.resolve(true),
    onEvents: (_, made) => {
      events.push(...made);
      onEvents?.();
      return Promise.resolve();
    },
  });
}

interface SiteRow {
  id: number;
  status: string;
  lon: number;
  lat: number;
  uncertainty_m: number;
  looks: number;
  sightings: number;
  empty_looks: number;
  changed: boolean;
  changed_after: Date | null;
  changed_before: Date | null;
  best_score: number;
  members: string;
  review: string | null;
}

const sitesOf = (db: Database) =>
  db.query<SiteRow>(`
    SELECT s.id, s.status, s.lon, s.lat, s.uncertainty_m, s.looks, s.sightings, s.empty_looks, s.changed,
      s.changed_after, s.changed_before, s.best_score, s.review,
      (SELECT string_agg(d.image_id || '#' || d.rank_in_image, ' ' ORDER BY d.image_id, d.rank_in_image)
       FROM selenoscan.detections d WHERE d.site_id = s.id) AS members
    FROM selenoscan.sites s ORDER BY members`);

/** Sites without their numbers: what must not depend on any order. */
const withoutIds = async (db: Database) =>
  (await sitesOf(db)).map(({ id, lon, lat, ...rest }) => ({
    ...rest,
    hasId: id > 0,
    lon: lon.toFixed(9),
    lat: lat.toFixed(9),
    uncertainty_m: rest.uncertainty_m.toFixed(6),
  }));

/** The site that holds an object, by its finding in an image. */
async function siteOf(db: Database, scans: readonly PreparedScan[], object: number, image: number) {
  const { observation, result } = scans[image]!;
  const found = observation.found.find((one) => one.object === object)!;
  const rank = result.detections.find(({ peak }) => peak.sample === found.sample)!.rankInImage;
  const name = `${scans[image]!.product.imageId}#${rank}`;
  return (await sitesOf(db)).find(({ members }) => members.split(' ').includes(name))!;
}

let scans: PreparedScan[];
let db: Database;
beforeAll(() => {
  scans = prepareScans(place.images, OBJECTS, 6);
});

describeWithDatabase('the site builder', (createDatabase) => {
  const fresh = async () => {
    db = await createDatabase();
    await useModel(db);
  };

  it('makes one site of what stands in several images, and tells new, persistent, transient and changed apart', async () => {
    await fresh();
    await commitInOrder(db, scans);
    const events: SiteEvent[] = [];
    const tally = await builderOf(db, events).buildOnce();
    expect(tally).toMatchObject({ scans: 6 });
    expect(tally.accepted).toBeGreaterThanOrEqual(8);

    expect(await siteOf(db, scans, 0, 0)).toMatchObject({
      status: 'persistent',
      sightings: 6,
      changed: false,
    });
    const came = await siteOf(db, scans, 1, 3);
    expect(came).toMatchObject({ status: 'persistent', sightings: 3, changed: true, best_score: 6.5 });
    expect(came.changed_after).toEqual(place.images[1]!.observedAt);
    expect(came.changed_before).toEqual(place.images[3]!.observedAt);
    expect(await siteOf(db, scans, 2, 2)).toMatchObject({ status: 'new', sightings: 1, changed: false });
    expect(await siteOf(db, scans, 3, 0)).toMatchObject({
      status: 'transient',
      sightings: 1,
      changed: false,
    });

    const lasting = await siteOf(db, scans, 0, 0);
    expect(lasting.uncertainty_m).toBeLessThan(80);
    expect(events.find(({ siteId }) => siteId === came.id)).toMatchObject({
      status: 'persistent',
      previous: null,
      changed: true,
    });
    expect(events.find(({ siteId }) => siteId === lasting.id)?.joined).toHaveLength(6);
    const looks = await db.query<{ outcome: string }>(
      'SELECT outcome FROM selenoscan.site_looks($1) ORDER BY 1',
      [came.id],
    );
    expect(looks.filter(({ outcome }) => outcome === 'seen')).toHaveLength(3);
    expect(looks.filter(({ outcome }) => outcome === 'empty').length).toBeGreaterThanOrEqual(2);
  }, 120_000);
});

describeWithPostgres('the site builder over time', () => {
  const fresh = async () => {
    ({ db } = await createTestDatabase());
    await useModel(db);
  };

  it('gives the same whatever the order of commits, and built after each or all at once', async () => {
    await fresh();
    await commitInOrder(db, scans);
    await builderOf(db).buildOnce();
    const expected = await withoutIds(db);
    expect(expected.length).toBeGreaterThan(30);
    const random = createRandom(4);
    for (const every of [true, false]) {
      const shuffled = [...scans].sort(() => random.uniform() - 0.5);
      await fresh();
      const builder = builderOf(db);
      for (const scan of shuffled) {
        await commitInOrder(db, [scan]);
        if (every) await builder.buildOnce();
      }
      await builder.buildOnce();
      expect(await withoutIds(db)).toEqual(expected);
    }
  }, 240_000);

  it('keeps the numbers of sites while they grow, writes nothing where nothing changed, and tells of what joined', async () => {
    await fresh();
    const events: SiteEvent[] = [];
    const builder = builderOf(db, events);
    await commitInOrder(db, scans.slice(0, 4));
    await builder.buildOnce();
    const before = await siteOf(db, scans, 0, 0);
    expect(await siteOf(db, scans, 1, 3)).toMatchObject({ status: 'new', changed: true });
    events.length = 0;
    await commitInOrder(db, scans.slice(4));
    await builder.buildOnce();
    const after = await siteOf(db, scans, 0, 5);
    expect(after.id).toBe(before.id);
    expect(after.sightings).toBe(6);
    const grown = events.filter(({ siteId }) => siteId === before.id);
    expect(grown.flatMap(({ joined }) => joined)).toHaveLength(2);
    const came = await siteOf(db, scans, 1, 3);
    expect(events.find(({ siteId }) => siteId === came.id)).toMatchObject({
      status: 'persistent',
      previous: 'new',
      changed: false,
    });

    events.length = 0;
    const rows = () => db.query('SELECT xmin::text, * FROM selenoscan_data.site ORDER BY id');
    const written = await rows();
    await db.query(`INSERT INTO selenoscan_data.site_pending (scan_id) SELECT id FROM selenoscan_data.scan`);
    await builder.buildOnce();
    expect(events).toEqual([]);
    expect(await rows()).toEqual(written);
  }, 120_000);

  it('loses nothing when it dies within a build', async () => {
    await fresh();
    await commitInOrder(db, scans.slice(0, 2));
    const dying = builderOf(db, [], () => {
      throw new Error('killed');
    });
    await expect(dying.buildOnce()).rejects.toThrow('killed');
    expect(await sitesOf(db)).toEqual([]);
    expect(await db.query('SELECT FROM selenoscan_data.site_pending')).toHaveLength(2);
    const events: SiteEvent[] = [];
    await builderOf(db, events).buildOnce();
    expect((await siteOf(db, scans, 0, 0)).sightings).toBe(2);
    expect(new Set(events.flatMap(({ joined }) => joined)).size).toBe(
      scans.slice(0, 2).reduce((sum, { result }) => sum + result.detections.length, 0),
    );
  }, 120_000);

  it('follows known objects, verdicts, images scanned anew and another model', async () => {
    await fresh();
    await commitInOrder(db, scans.slice(0, 2));
    const builder = builderOf(db);
    await builder.buildOnce();
    const lasting = await siteOf(db, scans, 0, 0);
    await db.query(`UPDATE selenoscan_data.detection SET review = 'hardware' WHERE site_id = $1`, [
      lasting.id,
    ]);
    await putKnownObjects(db, [
      { name: 'Lander', kind: 'lander', lon: lasting.lon, lat: lasting.lat, uncertaintyM: 5, source: 'test', mission: 'Test', arrivedOn: '1970-01-01' },
    ]); // prettier-ignore
    await requeueScans(db, { modelId: MODEL, states: ['scanned'] });
    for (const index of [0, 1]) {
      const scan = await claim(db);
      const prepared = scans.find(({ product }) => product.productId === scan.product.productId)!;
      const detections = index === 0 ? prepared.result.detections : [];
      await commitScan(db, scan, { ...prepared.result, detections });
    }
    await db.query('UPDATE selenoscan_data.site SET lon = lon + 1e-9');
    await builder.buildOnce();
    const after = (await sitesOf(db)).find(({ id }) => id === lasting.id);
    expect(after).toMatchObject({ status: 'known', review: 'hardware', sightings: 1 });
    expect((await sitesOf(db)).every(({ members }) => members !== null)).toBe(true);

    await useModel(db, 'other@0123456789ab');
    await builder.buildOnce();
    expect(await sitesOf(db)).toEqual([]);
    await activateModel(db, MODEL);
    await builder.buildOnce();
    expect((await sitesOf(db)).some(({ status }) => status === 'known')).toBe(true);
  }, 120_000);

  it('builds sites by places alone where scans are older than overviews', async () => {
    await fresh();
    await commitInOrder(
      db,
      scans.slice(0, 2).map((scan) => ({ ...scan, result: { ...scan.result, overview: null } })),
    );
    await builderOf(db).buildOnce();
    const rows = await sitesOf(db);
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.every(({ empty_looks: empty, changed }) => empty === 0 && !changed)).toBe(true);
  }, 60_000);
});
