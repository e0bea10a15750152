import pg from 'pg';
import { beforeEach, expect, it } from 'vitest';
import { layerStyles } from '../../src/exports/qgis/layer-style.js';
import type { KnownObject } from '../../src/domain/reference.js';
import type { Database } from '../../src/store/database.js';
import { writeCatalogue } from '../../src/store/known-objects.js';
import { activateModel } from '../../src/store/queries/activate-model.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { listViews } from '../../src/store/queries/list-views.js';
import { putLayerStyles } from '../../src/store/queries/put-layer-styles.js';
import { putQgisProject } from '../../src/store/queries/put-qgis-project.js';
import { registerModel } from '../../src/store/queries/register-model.js';
import { loadReference } from '../../src/store/reference.js';
import { describeWithDatabase } from '../support/database.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';
import { MODEL, announce, claim, sampleDetection, sampleProduct, sampleResult, useModel } from './samples.js';

describeWithDatabase('what QGIS looks for', (createDatabase) => {
  let db: Database;
  beforeEach(async () => {
    db = await createDatabase();
    await db.query('DELETE FROM public.layer_styles; DELETE FROM public.qgis_projects');
  });

  const styles = () =>
    db.query<{ table: string; name: string; default: boolean; type: string | null; here: boolean }>(
      `SELECT f_table_name AS table, stylename AS name, useasdefault AS default, type,
         f_table_catalog = current_database() AS here
       FROM public.layer_styles ORDER BY id`,
    );

  it('are default styles, which are written once and again only where they changed', async () => {
    expect(await putLayerStyles(db, layerStyles())).toBe(layerStyles().length);
    expect(await putLayerStyles(db, layerStyles())).toBe(0);
    const rows = await styles();
    expect(rows.map(({ table }) => table)).toEqual(layerStyles().map(({ layer }) => layer));
    expect(new Set(rows.map((row) => `${row.default} ${row.type} ${row.here}`))).toEqual(
      new Set(['true null true']),
    );
    const changed = layerStyles().map((style, i) => (i === 0 ? { ...style, qml: '<qgis/>' } : style));
    expect(await putLayerStyles(db, changed)).toBe(1);
  });

  it('leave a style that people made the default, and theirs untouched', async () => {
    await db.query(
      `INSERT INTO public.layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, stylename, styleqml, useasdefault)
       VALUES (current_database(), 'selenoscan', 'detections', 'geom', 'Mine', '<qgis/>', true)`,
    );
    await putLayerStyles(db, layerStyles());
    const rows = (await styles()).filter(({ table }) => table === 'detections');
    expect(rows.map(({ name, default: isDefault }) => [name, isDefault])).toEqual([
      ['Mine', true],
      ['Selenoscan', false],
    ]);
  });

  it('follow a database that was restored under another name', async () => {
    await putLayerStyles(db, layerStyles());
    await db.query(`UPDATE public.layer_styles SET f_table_catalog = 'elsewhere'`);
    expect(await putLayerStyles(db, layerStyles())).toBe(layerStyles().length);
    expect((await styles()).every(({ here }) => here)).toBe(true);
  });

  it('are projects by name, of which the latest stays', async () => {
    await putQgisProject(db, 'Selenoscan', Buffer.from('PK one'));
    await putQgisProject(db, 'Selenoscan', Buffer.from('PK two'));
    const rows = await db.query<{ name: string; content: Uint8Array; by: string | null }>(
      `SELECT name, content, metadata ->> 'last_modified_user' AS by FROM public.qgis_projects`,
    );
    expect(rows.map(({ name, content }) => [name, Buffer.from(content).toString()])).toEqual([
      ['Selenoscan', 'PK two'],
    ]);
    expect(rows[0]?.by).not.toBeNull();
  });

  it('are views, which a project asks for by name', async () => {
    const views = await listViews(db);
    for (const { layer } of layerStyles()) expect(views).toContain(layer);
  });
});

describeWithPostgres('a notification for QGIS', () => {
  const withListener = async (
    what: (db: Database, heard: () => Promise<readonly string[]>) => Promise<void>,
  ): Promise<void> => {
    const { db, url } = await createTestDatabase();
    const listener = new pg.Client({ connectionString: url });
    await listener.connect();
    let messages: string[] = [];
    listener.on('notification', ({ channel, payload }) => messages.push(`${channel} ${payload}`));
    await listener.query('LISTEN qgis');
    try {
      await useModel(db);
      await what(db, async () => {
        await listener.query('SELECT 1');
        const all = messages;
        messages = [];
        return all;
      });
    } finally {
      await listener.end();
    }
  };
  const scan = async (db: Database) => {
    const product = sampleProduct('M1271742202LC');
    await announce(db, product);
    return { lease: await claim(db), result: sampleResult([sampleDetection(product.imageId, 1)]) };
  };

  it('is sent when a scan is committed, and not when it is not', () =>
    withListener(async (db, heard) => {
      const { lease, result } = await scan(db);
      await commitScan(db, { ...lease, leaseToken: '00000000-0000-4000-8000-000000000000' }, result);
      expect(await heard()).toEqual([]);
      await commitScan(db, lease, result);
      expect(await heard()).toEqual(['qgis detection']);
    }));

  it('is sent when another model becomes active, and not where nothing changes hands', () =>
    withListener(async (db, heard) => {
      const { lease, result } = await scan(db);
      await commitScan(db, lease, result);
      await heard();
      await activateModel(db, MODEL);
      expect(await heard()).toEqual([]);
      await registerModel(db, { id: 'other@0123456789ab', manifest: {}, calibration: {} });
      await activateModel(db, 'other@0123456789ab');
      expect(await heard()).toEqual(['qgis detection']);
    }));

  it('is sent when tags change by the gazetteer or the known objects, and not where they stay', () =>
    withListener(async (db, heard) => {
      const { lease, result } = await scan(db);
      await commitScan(db, lease, result);
      await heard();
      await loadReference(db);
      expect(await heard()).toEqual(['qgis detection']);
      const at = (lat: number): KnownObject => ({
        name: 'here',
        kind: 'lander',
        lon: 22.05,
        lat,
        uncertaintyM: 5,
        source: 'test',
      });
      await writeCatalogue(db, [at(-50)]);
      expect(await heard()).toEqual([]);
      await writeCatalogue(db, [at(19.5)]);
      expect(await heard()).toEqual(['qgis detection']);
      await writeCatalogue(db, [at(19.5)]);
      expect(await heard()).toEqual([]);
      await writeCatalogue(db, []);
      expect(await heard()).toEqual(['qgis detection']);
    }));
});
