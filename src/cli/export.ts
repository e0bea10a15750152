import { Command } from 'commander';
import { writeCsv } from '../exports/csv.js';
import { writeGeoJson, writeGeoJsonLines } from '../exports/geojson.js';
import { writeGeoPackage } from '../exports/geopackage/write-geopackage.js';
import type { ExportLayer } from '../exports/layer.js';
import type { Provenance } from '../exports/provenance.js';
import { checkTarget, writeStaged } from '../exports/staged.js';
import { writeStac } from '../exports/stac/write-stac.js';
import { Shutdown } from '../pipeline/shutdown.js';
import type { Queryable } from '../store/database.js';
import { ExportReader } from '../store/export-reader.js';
import { readSnapshot } from '../store/read-snapshot.js';
import { startProgress } from '../telemetry/progress.js';
import { answer, contextOf, type CommandContext } from './context.js';
import { exportLayer } from './export-layers.js';
import { filterOf, filtersGiven, layerNames, modelOf, type ExportJob } from './export-job.js';
import { withExportOptions, type ExportFlags } from './export-options.js';
import { exportScenes } from './export-scenes.js';
import { exportTarget, STAC, type ExportTarget } from './export-target.js';
import { openCurrentDatabase } from './parts.js';
import { codeVersion } from './version.js';

/** Writes one format. */
interface Exporter {
  /** How many layers its files hold; `catalogue` = items with detections in place of layers. */
  readonly holds: 'one' | 'several' | 'catalogue';
  /** @param path of a file or folder that is not there; what lies beside it stays together with it */
  write(path: string, job: ExportJob): Promise<void>;
}

/** By the end of the file's name. */
const EXPORTERS: Readonly<Record<string, Exporter>> = {
  '.gpkg': { holds: 'several', write: (path, job) => writeGeoPackage(path, job.layers, job.provenance) },
  '.geojson': oneLayer(writeGeoJson),
  '.geojsonl': oneLayer(writeGeoJsonLines),
  '.csv': oneLayer(writeCsv),
  [STAC]: { holds: 'catalogue', write: writeCatalogue },
};

function oneLayer(
  write: (path: string, layer: ExportLayer, provenance: Provenance) => Promise<void>,
): Exporter {
  return {
    holds: 'one',
    write: async (path, job) => {
      for (const layer of job.layers) await write(path, layer, job.provenance);
    },
  };
}

async function writeCatalogue(path: string, job: ExportJob): Promise<void> {
  const detections = await exportLayer(job.reader, job.reader.view('detections'));
  async function* scenes() {
    const options = { thumbnails: job.flags.thumbnails === true };
    for await (const scene of exportScenes(job.db, job.reader, detections, options)) {
      yield scene;
      job.wrote(1);
    }
  }
  await writeStac(path, scenes(), job.provenance);
}

export function exportCommand(): Command {
  const command = new Command('export')
    .description('write results for GIS: GeoPackage, GeoJSON, CSV, or a STAC catalogue (export stac DIR)')
    .argument('[stac dir...]', '`stac DIR` writes a STAC catalogue into a folder');
  return withExportOptions(command).action(async (words: string[], flags: ExportFlags) => {
    const context = contextOf(flags);
    const target = await exportTarget(words, flags.out, flags.force === true, Object.keys(EXPORTERS));
    await checkTarget(target);
    const shutdown = new Shutdown(context.log);
    try {
      const db = await openCurrentDatabase(context.config, flags.embedded, { existing: true });
      shutdown.onRelease('database', () => db.close());
      await readSnapshot(db, (snapshot) => run(context, snapshot, target, flags, shutdown.signal));
    } finally {
      await shutdown.release();
    }
  });
}

async function run(
  context: CommandContext,
  db: Queryable,
  target: ExportTarget,
  flags: ExportFlags,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now();
  const exporter = EXPORTERS[target.format];
  if (exporter === undefined) throw new Error(`No exporter of ${target.format}.`);
  const { modelId, other } = await modelOf(db, flags.model);
  const reader = await ExportReader.open(db, await filterOf(db, flags), other);
  const catalogue = exporter.holds === 'catalogue';
  const names = catalogue ? [] : layerNames(flags.layers, exporter.holds === 'several', reader);
  const layers: ExportLayer[] = [];
  for (const name of names) layers.push(await exportLayer(reader, reader.view(name)));
  const counts = catalogue
    ? [
        { name: 'items', count: await reader.countScans() },
        { name: 'detections', count: await reader.count(reader.view('detections')) },
      ]
    : layers.map(({ name, count }) => ({ name, count }));
  const total = catalogue ? (counts[0]?.count ?? 0) : layers.reduce((sum, { count }) => sum + count, 0);
  const progress = startProgress(context.log, target.path, total, catalogue ? 'scans' : 'rows');
  let done = 0;
  const wrote = (rows: number): void => {
    signal.throwIfAborted();
    progress.update((done += rows));
  };
  const createdAt = new Date();
  const provenance = { modelId, codeVersion: codeVersion(), createdAt, filters: filtersGiven(flags) };
  const job: ExportJob = {
    config: context.config,
    flags,
    db,
    reader,
    provenance,
    layers: layers.map((layer) => counted(layer, wrote)),
    wrote,
  };
  const bytes = await writeStaged(target, (path) => exporter.write(path, job)).finally(() => progress.stop());
  const seconds = Number(((performance.now() - started) / 1000).toFixed(3));
  const { path, format } = target;
  answer(context, { path, format, model_id: modelId, layers: counts, bytes, seconds }, [
    ...counts.map(({ name, count }) => `${String(count).padStart(9)} ${name}`),
    `${path}: ${sizeText(bytes)} in ${seconds.toFixed(1)} s`,
  ]);
}

/** The same layer; its rows are counted when the writer comes back for more. */
function counted(layer: ExportLayer, wrote: (rows: number) => void): ExportLayer {
  return {
    ...layer,
    async *rows(form) {
      for await (const batch of layer.rows(form)) {
        yield batch;
        wrote(batch.length);
      }
    },
  };
}

function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
