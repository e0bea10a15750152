import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/schema.js';
import { UsageError } from '../domain/errors.js';
import type { GisConnection } from '../exports/qgis/data-source.js';
import { projectFile } from '../exports/qgis/project-file.js';
import { PROJECT_VIEWS, PROJECT_VIEW_NAMES, type ProjectViewName } from '../exports/qgis/project-views.js';
import type { Queryable } from '../store/database.js';
import { listViews } from '../store/queries/list-views.js';
import { ownQgisProjects } from '../store/queries/own-qgis-projects.js';
import { putQgisProject } from '../store/queries/put-qgis-project.js';

/** Writes a GeoPackage to a path where nothing is yet, and gives the names of its layers. */
export type WriteGeoPackage = (path: string) => Promise<Iterable<string>>;

/** What a project within an embedded database's GeoPackage is called. */
const GEOPACKAGE = 'selenoscan.gpkg';

/**
 * The QGIS project as a `.qgz`: on the database, or, where nobody can connect to it, on a GeoPackage that it
 * carries.
 *
 * @throws UsageError where the addresses of the configuration are none
 */
export async function qgisProject(
  config: Config,
  db: Queryable,
  view: ProjectViewName,
  writeGeoPackage?: WriteGeoPackage,
): Promise<Uint8Array> {
  const { basemaps } = config.gis;
  if (writeGeoPackage === undefined) {
    const source = { kind: 'postgres', connection: gisConnection(config) } as const;
    return projectFile({ source, view, views: await listViews(db), basemaps });
  }
  const folder = await mkdtemp(join(tmpdir(), 'selenoscan-qgis-'));
  try {
    const path = join(folder, GEOPACKAGE);
    const views = new Set(await writeGeoPackage(path));
    const source = { kind: 'geopackage', file: GEOPACKAGE } as const;
    return projectFile({ source, view, views, basemaps, files: { [GEOPACKAGE]: await readFile(path) } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Keeps the projects of all views in the database, where QGIS lists them.
 *
 * @returns their names.
 */
export async function saveQgisProjects(config: Config, db: Queryable): Promise<string[]> {
  for (const view of PROJECT_VIEW_NAMES)
    await putQgisProject(db, PROJECT_VIEWS[view].title, await qgisProject(config, db, view));
  return PROJECT_VIEW_NAMES.map((view) => PROJECT_VIEWS[view].title);
}

/**
 * Writes the projects anew that the database holds as Selenoscan wrote them, where they differ from what it would
 * write: they name their database, which a restore or the configuration may have changed.
 *
 * @returns projects written.
 */
export async function refreshQgisProjects(config: Config, db: Queryable): Promise<number> {
  const held = await ownQgisProjects(db);
  let written = 0;
  for (const view of PROJECT_VIEW_NAMES) {
    const { title } = PROJECT_VIEWS[view];
    const before = held.get(title);
    if (before === undefined) continue;
    const content = await qgisProject(config, db, view);
    if (before.equals(content)) continue;
    await putQgisProject(db, title, content);
    written++;
  }
  return written;
}

/** How GIS users reach the database: never with a password, and as the daemon's own user only where told so. */
export function gisConnection({ gis, database }: Config): GisConnection {
  const authcfg = gis.authcfg === '' ? undefined : gis.authcfg;
  if (gis.service !== '') return { service: gis.service, authcfg };
  const theirs = gis.database !== '';
  const text = theirs ? gis.database : database.url;
  const key = theirs ? 'gis.database' : 'database.url';
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text))
    throw new UsageError(
      `${key} is no postgres:// address; set gis.database to the one under which QGIS reaches the database.`,
    );
  const url = new URL(text);
  const given = (value: string | null) => (value === null || value === '' ? undefined : value);
  return {
    host: given(url.searchParams.get('host')) ?? given(decodeURIComponent(url.hostname)),
    port: url.port === '' ? undefined : Number(url.port),
    database: given(decodeURIComponent(url.pathname.slice(1))),
    user: theirs ? given(decodeURIComponent(url.username)) : undefined,
    sslmode: given(url.searchParams.get('sslmode')),
    authcfg,
  };
}
