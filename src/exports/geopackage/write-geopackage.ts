import { basename } from 'node:path';
import Sqlite from 'libsql';
import type { Database } from 'libsql';
import { OperationalError } from '../../domain/errors.js';
import type { ExportLayer, LayerStyle } from '../layer.js';
import { aboutOf, type Provenance } from '../provenance.js';
import { writeStyles } from './styles.js';
import { EXTENSIONS, IDENTIFY, REFERENCE_SYSTEMS, TABLES } from './tables.js';
import { writeLayer } from './write-layer.js';

/** No journal: a file that breaks is thrown away, so that nothing needs to be undone. */
const FAST = 'PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;';

/*
 * SQLite is libsql's: typed, with the R-tree, the same on Node 20, 22 and 24, its binaries packages of the registry
 * (better-sqlite3 fetches its own by an install script; the WebAssembly builds lack the R-tree or keep the whole
 * file in memory; node:sqlite begins with Node 22.5).
 */

/**
 * Writes a GeoPackage of all layers. SQLite keeps a few megabytes of pages and writes the others, so that memory
 * does not grow with the rows.
 *
 * @param path of a file that is not there
 * @throws OperationalError when the file cannot be written
 */
export async function writeGeoPackage(
  path: string,
  layers: readonly ExportLayer[],
  provenance: Provenance,
  styles: readonly LayerStyle[] = [],
): Promise<void> {
  const db = new Sqlite(path);
  try {
    db.exec(`${FAST} ${IDENTIFY}`);
    db.exec('BEGIN');
    db.exec(TABLES);
    fill(db, 'gpkg_spatial_ref_sys', REFERENCE_SYSTEMS);
    fill(db, 'gpkg_extensions', EXTENSIONS);
    for (const layer of layers) await writeLayer(db, layer, provenance.createdAt);
    writeStyles(db, styles, provenance.createdAt);
    writeAbout(db, provenance);
    db.exec('COMMIT');
  } catch (error) {
    throw explained(error, path);
  } finally {
    db.close();
  }
}

function fill(db: Database, table: string, rows: readonly (readonly unknown[])[]): void {
  for (const row of rows)
    db.prepare(`INSERT INTO ${table} VALUES (${row.map(() => '?').join(', ')})`).run(...row);
}

function writeAbout(db: Database, provenance: Provenance): void {
  const about = aboutOf(provenance);
  db.prepare("INSERT INTO gpkg_metadata VALUES (1, 'dataset', ?, 'application/json', ?)").run(
    'https://schema.org/Dataset',
    JSON.stringify({ '@type': 'Dataset', name: 'selenoscan', creditText: about.credits, ...about }),
  );
  db.prepare("INSERT INTO gpkg_metadata_reference VALUES ('geopackage', NULL, NULL, NULL, ?, 1, NULL)").run(
    about.created_at,
  );
}

function explained(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!code.startsWith('SQLITE_')) return error;
  const why = code === 'SQLITE_FULL' ? 'the disk is full' : (error as Error).message;
  // By its own name: the folder is one that the export moves it out of.
  return new OperationalError(
    'out',
    `${basename(path)} cannot be written (${why}); give it room, or another folder.`,
    { cause: error },
  );
}
