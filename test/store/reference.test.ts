import { describe, expect, it } from 'vitest';
import { loadGazetteer, parseFeatures } from '../../src/store/gazetteer.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { listDetections } from '../../src/store/queries/list-detections.js';
import { putKnownObjects } from '../../src/store/queries/put-known-objects.js';
import { describeWithDatabase } from '../support/database.js';
import { announce, claim, sampleDetection, sampleProduct, sampleResult, useModel } from './samples.js';

describe('the gazetteer', () => {
  it('reads a feature with its place, and a diameter of 0 as none', () => {
    const csv =
      'iau_id,name,type,lat_deg,lon_deg_e,diameter_km\n1,"A, B",crater,-43.3,-11.22,86.21\n2,Statio,landing site name,0.7,23.4,0\n';
    expect(parseFeatures(csv)).toEqual([
      { id: 1, name: 'A, B', type: 'crater', lat: -43.3, lon: -11.22, diameterKm: 86.21 },
      { id: 2, name: 'Statio', type: 'landing site name', lat: 0.7, lon: 23.4, diameterKm: null },
    ]);
  });
});

describeWithDatabase('reference data in the database', (createDatabase) => {
  it('holds every named feature after the first load, and is left alone by the second', async () => {
    const db = await createDatabase();
    const loaded = await loadGazetteer(db);
    const [row] = await db.query<{ count: number }>(
      'SELECT count(*) AS count FROM selenoscan_data.feature WHERE lon BETWEEN -180 AND 180',
    );
    expect(loaded).toBe(9049);
    expect(row?.count).toBe(9049);
    expect(await loadGazetteer(db)).toBe(0);
    const [tycho] = await db.query<{ name: string }>(
      'SELECT name FROM selenoscan_data.feature ORDER BY moon_xyz(lon, lat) <<->> moon_xyz(-11.2, -43.3) LIMIT 1',
    );
    expect(tycho?.name).toBe('Tycho');
  });

  it('keeps one row for a known object whose place was corrected', async () => {
    const db = await createDatabase();
    const object = { name: 'Luna 9', kind: 'lander', lon: -64.37, lat: 7.08, uncertaintyM: 500, source: 'a' };
    await putKnownObjects(db, [object]);
    await putKnownObjects(db, [{ ...object, lat: 7.13, source: 'b' }]);
    expect(await db.query('SELECT name, lat, source FROM selenoscan_data.known_object')).toEqual([
      { name: 'Luna 9', lat: 7.13, source: 'b' },
    ]);
  });

  it('tags a committed detection with its nearest feature and the known object within both uncertainties', async () => {
    const db = await createDatabase();
    await loadGazetteer(db);
    await useModel(db);
    const product = sampleProduct('M1271742202LC');
    await announce(db, product);
    const detection = sampleDetection(product.imageId, 1);
    const place = detection.place;
    if (place === null) throw new Error('The sample has a place.');
    // 0.001 degrees are 30.3 m on the Moon.
    const near = { kind: 'lander', lon: place.lon, lat: place.lat + 0.001, uncertaintyM: 5, source: 'test' };
    await putKnownObjects(db, [
      { ...near, name: 'near' },
      { ...near, name: 'elsewhere', lat: place.lat + 0.1, uncertaintyM: 1 },
    ]);
    await commitScan(db, await claim(db), sampleResult([detection]));
    const [row] = await listDetections(db, { limit: 1 });
    expect(row?.known_object).toBe('near');
    expect(row?.known_object_distance_m).toBeCloseTo(30.32, 1);
    // 22.05 E, 19.5 N.
    expect(row?.nearest_feature).toMatch(/^(in |[\d.]+ km (N|NE|E|SE|S|SW|W|NW) of )\S/);
  });
});
