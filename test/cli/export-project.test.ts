import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import Sqlite from 'libsql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exportResults } from '../../src/cli/export.js';
import type { ExportFlags } from '../../src/cli/export-options.js';
import { currentGeoPackage } from '../../src/cli/export-project.js';
import { qgisProject, refreshQgisProjects, saveQgisProjects } from '../../src/cli/qgis-project.js';
import { configSchema } from '../../src/config/schema.js';
import type { Database } from '../../src/store/database.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { announce, claim, sampleDetection, sampleProduct, sampleResult, useModel } from '../store/samples.js';
import { describeWithDatabase } from '../support/database.js';

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-project-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const config = configSchema.parse({
  database: { url: 'postgres://daemon:secret@db.example/moon' },
  gis: { database: 'postgres://reader@moon.example/moon' },
});
let files = 0;

/** Files within a project file, and the detections that its GeoPackage holds. */
function opened(bytes: Uint8Array) {
  const packed = unzipSync(bytes);
  const text = strFromU8(packed['selenoscan.qgs'] ?? new Uint8Array());
  const gpkg = packed['selenoscan.gpkg'];
  if (gpkg === undefined) return { text, scores: null, styles: 0 };
  const path = join(folder, `${(files += 1)}.gpkg`);
  writeFileSync(path, gpkg);
  const sqlite = new Sqlite(path);
  const scores = sqlite.prepare('SELECT score FROM detections ORDER BY score').all() as { score: number }[];
  const [styles] = sqlite.prepare('SELECT count(*) AS count FROM layer_styles').all() as { count: number }[];
  sqlite.close();
  return { text, scores: scores.map(({ score }) => score), styles: styles?.count };
}

describeWithDatabase('a QGIS project', (createDatabase) => {
  let db: Database;
  beforeAll(async () => {
    db = await createDatabase();
    await db.query('DELETE FROM public.qgis_projects');
    await useModel(db);
    const product = sampleProduct('M1271742202LC');
    await announce(db, product);
    const found = [1, 2, 3].map((rank) => sampleDetection(product.imageId, rank));
    await commitScan(db, await claim(db), sampleResult(found));
  });

  const exported = async (flags: ExportFlags) => {
    const path = join(folder, `${(files += 1)}.qgz`);
    const target = { path, beside: [], force: false, format: '.qgz' };
    const log = createLogger('silent', 'test');
    const report = await exportResults({ config, log }, db, target, flags, new AbortController().signal);
    return { report, ...opened(readFileSync(path)) };
  };

  it('names the database as GIS users reach it, and carries no rows, where all of it is asked for', async () => {
    const { text, scores, report } = await exported({});
    expect(scores).toBeNull();
    expect(report.layers).toEqual([]);
    const source = /<datasource>([^<]*detections[^<]*)<\/datasource>/.exec(text)?.[1] ?? '';
    expect(source).toContain('host=&apos;moon.example&apos; user=&apos;reader&apos;');
    expect(/secret|daemon|db\.example/.exec(text)).toBeNull();
  });

  it('carries the rows that meet a filter, with their styles', async () => {
    const { text, scores, styles, report } = await exported({ minScore: 5.75, view: 'north' });
    expect(scores).toEqual([5.8, 5.9]);
    expect(styles).toBe(6);
    expect(report.layers).toContainEqual({ name: 'detections', count: 2 });
    expect(text).toContain('<title>Selenoscan north pole</title>');
    expect(text).not.toContain('moon.example');
  });

  it('carries all current rows where nobody can connect to the database', async () => {
    const { text, scores } = opened(await qgisProject(config, db, 'global', currentGeoPackage(db)));
    expect(scores).toHaveLength(3);
    expect(text).toContain('attachment:selenoscan.gpkg|layername=detections');
    expect(text).not.toContain('coverage_cells');
  });

  it('lies in the database under the name of each view', async () => {
    const names = await saveQgisProjects(config, db);
    const rows = await db.query<{ name: string; content: Uint8Array }>(
      'SELECT name, content FROM public.qgis_projects ORDER BY name',
    );
    expect(rows.map(({ name }) => name)).toEqual([...names].sort());
    for (const { name, content } of rows) expect(opened(content).text).toContain(`<title>${name}</title>`);
  });

  it('follows a database that is restored under another name, unless people saved their own over it', async () => {
    await saveQgisProjects(config, db);
    expect(await refreshQgisProjects(config, db)).toBe(0);
    await db.query(
      `UPDATE public.qgis_projects SET content = 'theirs', metadata = '{"last_modified_user": "somebody"}'
       WHERE name = 'Selenoscan far side'`,
    );
    await db.query(`DELETE FROM public.qgis_projects WHERE name = 'Selenoscan north pole'`);
    const restored = configSchema.parse({
      database: { url: 'postgres://daemon:secret@db.example/restored' },
    });
    expect(await refreshQgisProjects(restored, db)).toBe(3);
    expect(await refreshQgisProjects(restored, db)).toBe(0);
    const rows = await db.query<{ name: string; content: Uint8Array }>(
      'SELECT name, content FROM public.qgis_projects ORDER BY name',
    );
    expect(rows.map(({ name }) => name)).toEqual([
      'Selenoscan',
      'Selenoscan equirectangular',
      'Selenoscan far side',
      'Selenoscan south pole',
    ]);
    for (const { name, content } of rows) {
      if (name === 'Selenoscan far side') {
        expect(Buffer.from(content).toString()).toBe('theirs');
        continue;
      }
      const { text } = opened(content);
      expect(text).toContain('dbname=&apos;restored&apos;');
      expect(text).not.toContain('dbname=&apos;moon&apos;');
    }
  });
});
