import { readFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { KnownObject } from '../../src/domain/reference.js';
import { groundM } from '../../src/geo/sphere.js';
import type { Database } from '../../src/store/database.js';
import { loadGazetteer } from '../../src/store/gazetteer.js';
import { loadKnownObjects, readKnownObjects, writeCatalogue } from '../../src/store/known-objects.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { putKnownObjects } from '../../src/store/queries/put-known-objects.js';
import { putSetting } from '../../src/store/queries/put-setting.js';
import { loadReference } from '../../src/store/reference.js';
import { describeWithDatabase } from '../support/database.js';
import { announce, claim, sampleDetection, sampleProduct, sampleResult, useModel } from './samples.js';

const CATALOGUE = new URL('../../../shared/data/catalogues/lunar_human_artefacts.geojson', import.meta.url);

interface Artefact {
  readonly properties: {
    readonly short_name: string;
    readonly mission: string;
    readonly uncertainty_m: number;
  };
  readonly geometry: { readonly coordinates: readonly [number, number] };
}

describe('the catalogue of known objects', () => {
  it('has of each object a place on the Moon, an uncertainty that is no boast, a day and a source', async () => {
    const objects = await readKnownObjects();
    expect(objects.length).toBeGreaterThan(70);
    expect(new Set(objects.map(({ name }) => name)).size).toBe(objects.length);
    for (const object of objects) {
      expect(Math.abs(object.lon), object.name).toBeLessThanOrEqual(180);
      expect(Math.abs(object.lat), object.name).toBeLessThanOrEqual(90);
      expect(object.uncertaintyM, object.name).toBeGreaterThanOrEqual(1);
      expect(object.uncertaintyM, object.name).toBeLessThanOrEqual(10_000);
      expect(object.arrivedOn, object.name).toMatch(/^(19[5-9]\d|20[0-2]\d)-\d\d-\d\d$/);
      expect(object.source.length, object.name).toBeGreaterThan(20);
      expect(object.mission, object.name).not.toBe('');
    }
  });

  it('knows the landers of this century', async () => {
    const names = new Set((await readKnownObjects()).map(({ name }) => name));
    for (const name of [
      "Chang'e 3 lander",
      'Yutu',
      "Chang'e 4 lander",
      'Yutu-2',
      "Chang'e 5 lander",
      "Chang'e 6 lander",
      'Chandrayaan-2 Vikram',
      'Chandrayaan-3 Vikram',
      'Pragyan',
      'SLIM',
      'Odysseus',
      'Athena',
      'Blue Ghost',
      'HAKUTO-R M1',
      'Beresheet',
      'Luna 25',
    ])
      expect(names).toContain(name);
  });

  it('agrees with an earlier catalogue wherever both have an object', async (context) => {
    const text = await readFile(CATALOGUE, 'utf8').catch(() => null);
    if (text === null) return context.skip('../shared/data/catalogues is absent');
    const objects = await readKnownObjects();
    const { features } = JSON.parse(text) as { features: Artefact[] };
    expect(features.length).toBeGreaterThan(50);
    for (const { properties, geometry } of features) {
      const [lon, lat] = geometry.coordinates;
      const nearest = objects
        .map((object) => ({ object, metres: groundM({ lon, lat }, object) }))
        .sort((a, b) => a.metres - b.metres)[0]!;
      expect(nearest.metres, properties.short_name).toBeLessThan(
        Math.max(10, Math.hypot(properties.uncertainty_m, nearest.object.uncertaintyM)),
      );
    }
  });
});

describeWithDatabase('known objects in the database', (createDatabase) => {
  let db: Database;
  const product = sampleProduct('M1271742202LC');
  // 0.001 degrees of latitude are 30.3 m.
  const object = (name: string, metresNorth: number, uncertaintyM: number): KnownObject => ({
    name,
    mission: 'Test',
    kind: 'lander',
    lon: 22.05,
    lat: 19.5 + (metresNorth / 30.3235) * 0.001,
    uncertaintyM,
    arrivedOn: '1969-07-20',
    source: 'test',
  });
  const tagsOf = () =>
    db.query<{ rank_in_image: number; known_object: string | null; known_object_distance_m: number | null }>(
      `SELECT rank_in_image, known_object, known_object_distance_m FROM selenoscan.detections ORDER BY rank_in_image`,
    );
  const namesOf = async () => (await tagsOf()).map(({ known_object: name }) => name);

  beforeEach(async () => {
    db = await createDatabase();
    await useModel(db);
    await announce(db, product);
  });

  /** One detection at the place with the given 95 % radius, and one far away. */
  const scan = async (uncertaintyM: number) => {
    const [near, far] = [
      sampleDetection(product.imageId, 1),
      sampleDetection(product.imageId, 2, { lon: -100, lat: 60 }),
    ];
    const placed = { ...near, place: { ...near.place!, uncertaintyM } };
    await commitScan(db, await claim(db), sampleResult([placed, far]));
  };

  it('tag what lies within the combined uncertainty of both, and not just beyond', async () => {
    // The root of 30^2 + 40^2 is 50.
    await putKnownObjects(db, [object('at 49 m', 49, 40)]);
    await scan(30);
    expect(await namesOf()).toEqual(['at 49 m', null]);
    await writeCatalogue(db, [object('at 51 m', 51, 40)]);
    await putKnownObjects(db, [object('at 49 m', 49_000, 40)]);
    await writeCatalogue(db, [object('at 51 m', 51, 40)]);
    expect(await namesOf()).toEqual([null, null]);
    await writeCatalogue(db, [object('at 49.9 m', -49.9, 40)]);
    expect((await tagsOf())[0]?.known_object_distance_m).toBeCloseTo(49.9, 1);
  });

  it('tag with the likelier of two: one that may lie anywhere within kilometres does not outdo one known to metres', async () => {
    await putKnownObjects(db, [object('vague', 20, 5000), object('precise', 60, 3)]);
    await scan(100);
    expect(await namesOf()).toEqual(['precise', null]);
  });

  it('never leave out a detection for being known', async () => {
    await putKnownObjects(db, [object('here', 0, 5)]);
    await scan(100);
    expect(await tagsOf()).toHaveLength(2);
  });

  it('tag detections and sites anew when the catalogue changes, and lose their tags with the object', async () => {
    await scan(30);
    await db.query(
      `INSERT INTO selenoscan_data.site (status, lon, lat, uncertainty_m) VALUES ('new', 22.05, 19.5, 30)`,
    );
    const sites = () => db.query('SELECT known_object FROM selenoscan.sites');
    expect(await namesOf()).toEqual([null, null]);
    await writeCatalogue(db, [object('first', 10, 40), object('other', 900_000, 40)]);
    expect(await namesOf()).toEqual(['first', null]);
    expect(await sites()).toEqual([{ known_object: 'first' }]);
    await writeCatalogue(db, [object('other', 900_000, 40)]);
    expect(await tagsOf()).toEqual([
      { rank_in_image: 1, known_object: null, known_object_distance_m: null },
      { rank_in_image: 2, known_object: null, known_object_distance_m: null },
    ]);
    expect(await sites()).toEqual([{ known_object: null }]);
    expect(await db.query('SELECT name FROM selenoscan.known_objects')).toEqual([{ name: 'other' }]);
  });

  it('of a user stay as they are, whatever the catalogue says', async () => {
    await putKnownObjects(db, [object('SLIM', 0, 7), object('mine', 0, 8)]);
    await loadKnownObjects(db);
    expect(
      await db.query(
        `SELECT name, uncertainty_m FROM selenoscan.known_objects WHERE lon = 22.05 ORDER BY name`,
      ),
    ).toEqual([
      { name: 'SLIM', uncertainty_m: 7 },
      { name: 'mine', uncertainty_m: 8 },
    ]);
    const [count] = await db.query<{ count: number }>(
      'SELECT count(*) AS count FROM selenoscan.known_objects',
    );
    expect(count?.count).toBe((await readKnownObjects()).length + 1);
  });

  it('of a user tag what was found before, once the reference data are loaded again', async () => {
    await scan(30);
    await loadReference(db);
    await db.query(
      `INSERT INTO selenoscan_data.site (status, lon, lat, uncertainty_m) VALUES ('new', 22.05, 19.5, 30)`,
    );
    const load = async () => (await loadReference(db)).retagged;
    await db.query(
      `INSERT INTO selenoscan_data.known_object (name, kind, lon, lat, uncertainty_m, source)
       VALUES ('mine', 'lander', 22.05, 19.5, 20, 'own survey')`,
    );
    expect(await load()).toBe(2);
    expect(await namesOf()).toEqual(['mine', null]);
    expect(await load()).toBe(0);
    // Moved away, moved back, removed.
    await db.query(`UPDATE selenoscan_data.known_object SET lat = 21 WHERE name = 'mine'`);
    expect(await load()).toBe(2);
    expect(await namesOf()).toEqual([null, null]);
    await db.query(`UPDATE selenoscan_data.known_object SET lat = 19.5 WHERE name = 'mine'`);
    expect(await load()).toBe(2);
    await db.query(`DELETE FROM selenoscan_data.known_object WHERE name = 'mine'`);
    expect(await load()).toBe(2);
    expect((await tagsOf())[0]).toMatchObject({ known_object: null, known_object_distance_m: null });
  });

  it('are loaded once, with the named features, and again where the file is another', async () => {
    const first = await loadReference(db);
    expect(first).toEqual({ features: 9049, knownObjects: (await readKnownObjects()).length, retagged: 0 });
    expect(await loadReference(db)).toEqual({ features: 0, knownObjects: 0, retagged: 0 });
    const [vikram] = await db.query('SELECT * FROM selenoscan.known_objects WHERE name = $1', [
      'Chandrayaan-3 Vikram',
    ]);
    expect(vikram).toMatchObject({ kind: 'lander', mission: 'Chandrayaan-3', lat: -69.373 });
    await putSetting(db, 'known_objects.sha256', 'of an older version');
    expect((await loadReference(db)).knownObjects).toBeGreaterThan(70);
  });

  it('leave landmarks to the gazetteer, by which what is there is tagged after an upgrade', async () => {
    await scan(30);
    const told = () => db.query(`SELECT nearest_feature FROM selenoscan.detections ORDER BY rank_in_image`);
    expect(await told()).toEqual([{ nearest_feature: null }, { nearest_feature: null }]);
    await loadGazetteer(db);
    const after = await told();
    for (const row of after) expect(row['nearest_feature']).toMatch(/^(in|[\d.]+ km [NESW]+ of) /);
    // Tags of another rule are replaced, once.
    await db.query('UPDATE selenoscan_data.detection SET feature_id = 4395');
    await loadGazetteer(db);
    expect(await told()).not.toEqual(after);
    await putSetting(db, 'landmarks.tagged', { by: 'another rule', detection: 0, site: 0, done: true });
    await loadGazetteer(db);
    expect(await told()).toEqual(after);
  });
});
