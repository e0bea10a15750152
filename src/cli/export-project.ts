import { writeFile } from 'node:fs/promises';
import { writeGeoPackage } from '../exports/geopackage/write-geopackage.js';
import type { ExportLayer } from '../exports/layer.js';
import type { Provenance } from '../exports/provenance.js';
import { layerStyles } from '../exports/qgis/layer-style.js';
import type { Database } from '../store/database.js';
import { ExportReader } from '../store/export-reader.js';
import { activeModel } from '../store/queries/active-model.js';
import { readSnapshot } from '../store/read-snapshot.js';
import { filtersGiven, type ExportJob } from './export-job.js';
import { exportLayer } from './export-layers.js';
import type { ExportFlags } from './export-options.js';
import { qgisProject, type WriteGeoPackage } from './qgis-project.js';
import { codeVersion } from './version.js';

/** Layers of a project that carries its rows. The cells of coverage are left out: coverage itself is there. */
export const CARRIED: readonly string[] = layerStyles()
  .map(({ layer }) => layer)
  .filter((name) => name !== 'coverage_cells');

/**
 * Whether a project carries its rows in a GeoPackage instead of naming the database: where nobody can connect to
 * that, or a part of the rows was asked for.
 */
export function carriesRows(flags: ExportFlags): boolean {
  return (
    flags.embedded !== undefined || flags.layers !== undefined || Object.keys(filtersGiven(flags)).length > 0
  );
}

/** Writes a project of QGIS to `path`, of the layers of the job where it carries them. */
export async function writeProject(path: string, { config, db, flags, ...job }: ExportJob): Promise<void> {
  const carry = carriesRows(flags) ? geoPackageOf(job.layers, job.provenance) : undefined;
  await writeFile(path, await qgisProject(config, db, flags.view ?? 'global', carry));
}

/** What the project of an embedded database carries: all current results. */
export function currentGeoPackage(db: Database): WriteGeoPackage {
  return (path) =>
    readSnapshot(db, async (snapshot) => {
      const reader = await ExportReader.open(snapshot, {}, null);
      const layers: ExportLayer[] = [];
      for (const name of CARRIED) layers.push(await exportLayer(reader, reader.view(name)));
      const modelId = await activeModel(snapshot);
      const provenance = { modelId, codeVersion: codeVersion(), createdAt: new Date(), filters: {} };
      return geoPackageOf(layers, provenance)(path);
    });
}

function geoPackageOf(layers: readonly ExportLayer[], provenance: Provenance): WriteGeoPackage {
  return async (path) => {
    await writeGeoPackage(path, layers, provenance, stylesOf(layers));
    return layers.map(({ name }) => name);
  };
}

/** The styles that QGIS opens these layers with. */
export function stylesOf(layers: readonly ExportLayer[]) {
  const names = new Set(layers.map(({ name }) => name));
  return layerStyles().filter(({ layer }) => names.has(layer));
}
