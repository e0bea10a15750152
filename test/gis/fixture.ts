import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, inject, it } from 'vitest';
import { qgisProject, saveQgisProjects } from '../../src/cli/qgis-project.js';
import { configSchema, type Config } from '../../src/config/schema.js';
import { layerStyles } from '../../src/exports/qgis/layer-style.js';
import { PROJECT_VIEW_NAMES, type ProjectViewName } from '../../src/exports/qgis/project-views.js';
import type { Database } from '../../src/store/database.js';
import { putLayerStyles } from '../../src/store/queries/put-layer-styles.js';
import { putSetting } from '../../src/store/queries/put-setting.js';
import { grantRoles } from '../../src/store/roles.js';
import { missing } from '../support/needs.js';
import { createTestDatabase } from '../support/postgres.js';
import { qgisMissing } from './qgis.js';
import { seed, type Seeded } from './seed.js';

const run = promisify(execFile);

/** `describe` for tests in real QGIS on a real PostGIS; where one of them is absent, says what to install. */
export function describeInQgis(name: string, define: () => void): void {
  const reason = missing('postgres') ?? missing('gdal') ?? qgisMissing();
  if (reason === null) describe(name, define);
  else describe(name, () => it('needs QGIS, GDAL and PostGIS', (context) => context.skip(reason)));
}

/** A seeded database as GIS users meet it: by a role that may read the views and nothing else. */
export interface Fixture {
  readonly db: Database;
  readonly seeded: Seeded;
  readonly config: Config;
  /** Connection as libpq takes it, of the reading role. */
  readonly libpq: string;
  readonly url: URL;
  readonly folder: string;
  /** Path of the project of a view. */
  project(view: ProjectViewName): string;
  /** Server log since the last call. */
  statements(): Promise<string>;
  close(): Promise<void>;
}

const READER = 'gis_reader';

export async function createFixture(): Promise<Fixture> {
  const { db, url: text } = await createTestDatabase();
  const seeded = await seed(db);
  await grantRoles(db);
  await db.query(
    `DO $$ BEGIN
       IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${READER}') THEN CREATE ROLE ${READER} LOGIN; END IF;
     END $$; GRANT selenoscan_read TO ${READER}; ANALYZE`,
  );
  await putLayerStyles(db, layerStyles());
  await putSetting(db, 'http.url', 'http://127.0.0.1:8080');
  const url = new URL(text);
  url.username = READER;
  const config = configSchema.parse({ database: { url: text }, gis: { database: url.href } });
  await saveQgisProjects(config, db);
  await grantRoles(db);
  const folder = await mkdtemp(join(tmpdir(), 'selenoscan-gis-'));
  const project = (view: ProjectViewName) => join(folder, `${view}.qgz`);
  for (const view of PROJECT_VIEW_NAMES) await writeFile(project(view), await qgisProject(config, db, view));
  const database = url.pathname.slice(1);
  const libpq = `host=${url.hostname} port=${url.port} dbname=${database} user=${READER}`;
  const log = join(inject('postgresFolder'), 'server', 'log');
  await db.query(`ALTER ROLE ${READER} IN DATABASE ${database} SET log_statement = 'all'`);
  let read = 0;
  return {
    db,
    seeded,
    config,
    libpq,
    url,
    folder,
    project,
    async statements() {
      const all = await readFile(log, 'utf8');
      const fresh = all.slice(read);
      read = all.length;
      return fresh;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function gdal(program: 'ogrinfo' | 'ogr2ogr', ...args: string[]): Promise<string> {
  const { stdout } = await run(program, args, { maxBuffer: 1 << 28 });
  return stdout;
}
