import { Command } from 'commander';
import { UsageError } from '../domain/errors.js';
import { writeCsv } from '../exports/csv.js';
import { writeGeoJson, writeGeoJsonLines } from '../exports/geojson.js';
import { writeGeoPackage } from '../exports/geopackage/write-geopackage.js';
import type { ExportLayer } from '../exports/layer.js';
import type { Provenance } from '../exports/provenance.js';
import { checkTarget, writeStaged } from '../exports/staged.js';
import { writeStac } from '../exports/stac/write-stac.js';
import { Shutdown } from '../pipeline/shutdown.js';
import type { Database } from '../store/database.js';
import { ExportReader } from '../store/export-reader.js';
import { readSnapshot } from '../store/read-snapshot.js';
import { startProgress } from '../telemetry/progress.js';
import { answer, contextOf, type CommandContext } from './context.js';
import { exportLayer } from './export-layers.js';
import { CARRIED, carriesRows, stylesOf, writeProject } from './export-project.js';
import { filterOf, filtersGiven, layerNames, modelOf, type ExportJob } from './export-job.js';
import { withExportOptions, type ExportFlags } from './export-options.js';
import { exportScenes } from './export-scenes.js';
import { exportTarget, STAC, type ExportTarget } from './export-target.js';
import { openCurrentDatabase } from './parts.js';
import { saveQgisProjects } from './qgis-project.js';
import { codeVersion } from './version.js';

/** Writes one format. */
interface Exporter {
  /**
   * How many layers its files hold; `catalogue` = items with detections in place of layers, `project` = several or,
   * where it names the database, none.
   */
  readonly holds: 'one' | 'several' | 'catalogue' | 'project';
  /** @param path of a file or folder that is not there; what lies beside it stays together with it */
  write(path: string, job: ExportJob): Promise<void>;
}

/** By the end of the file's name. */
const EXPORTERS: Readonly<Record<string, Exporter>> = {
  '.gpkg': {
    holds: 'several',
    write: (path, { layers, provenance }) => writeGeoPackage(path, layers, provenance, stylesOf(layers)),
  },
  '.qgz': { holds: 'project', write: writeProject },
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

/** The answer of `export --json`. */
export interface ExportReport {
  readonly path: string;
  /** `.gpkg`, …, or `stac`. */
  readonly format: string;
  readonly model_id: string;
  /** Of a catalogue its items, and the detections in them. */
  readonly layers: readonly { readonly name: string; readonly count: number }[];
  readonly bytes: number;
  readonly seconds: number;
}

export function exportCommand(): Command {
  const command = new Command('export')
    .description(
      'write results for GIS: GeoPackage, GeoJSON, CSV, a QGIS project, or a STAC catalogue (export stac DIR)',
    )
    .argument('[stac dir...]', '`stac DIR` writes a STAC catalogue into a folder');
  return withExportOptions(command).action(async (words: string[], flags: ExportFlags) => {
    const context = contextOf(flags);
    if (flags.toDatabase === true) return saveToDatabase(context, words, flags);
    const target = await exportTarget(words, flags.out, flags.force === true, Object.keys(EXPORTERS));
    await checkTarget(target);
    const shutdown = new Shutdown(context.log);
    try {
      const db = await openCurrentDatabase(context.config, flags.embedded, { existing: true });
      shutdown.onRelease('database', () => db.close());
      const report = await exportResults(context, db, target, flags, shutdown.signal);
      answer(context, report, [
        ...report.layers.map(({ name, count }) => `${String(count).padStart(9)} ${name}`),
        `${report.path}: ${sizeText(report.bytes)} in ${report.seconds.toFixed(1)} s`,
      ]);
    } finally {
      await shutdown.release();
    }
  });
}

/** `export --to-database`: the projects of QGIS where QGIS finds them. */
async function saveToDatabase(context: CommandContext, words: readonly string[], flags: ExportFlags) {
  if (words.length > 0 || flags.out !== undefined || carriesRows(flags))
    throw new UsageError(
      '--to-database writes the QGIS projects on the whole database into it, and nothing else; leave out --out, --embedded and filters.',
    );
  const db = await openCurrentDatabase(context.config);
  try {
    const projects = await saveQgisProjects(context.config, db);
    answer(
      context,
      { projects },
      projects.map((name) => `wrote the project ${name}`),
    );
  } finally {
    await db.close();
  }
}

/**
 * Writes what the flags ask for, as the database is at this moment.
 * @throws UsageError for flags that name what is not there, OperationalError when it cannot be written
 */
export async function exportResults(
  { config, log }: Pick<CommandContext, 'config' | 'log'>,
  db: Database,
  target: ExportTarget,
  flags: ExportFlags,
  signal: AbortSignal,
): Promise<ExportReport> {
  const started = performance.now();
  const exporter = EXPORTERS[target.format];
  if (exporter === undefined) throw new Error(`No exporter of ${target.format}.`);
  return readSnapshot(db, async (snapshot) => {
    const { modelId, other } = await modelOf(snapshot, flags.model);
    const reader = await ExportReader.open(snapshot, await filterOf(snapshot, flags), other);
    const { layers, counts, total } = await contentsOf(exporter, reader, flags);
    const progress = startProgress(
      log,
      target.path,
      total,
      exporter.holds === 'catalogue' ? 'scans' : 'rows',
    );
    let done = 0;
    const wrote = (rows: number): void => {
      signal.throwIfAborted();
      progress.update((done += rows));
    };
    const createdAt = new Date();
    const provenance = { modelId, codeVersion: codeVersion(), createdAt, filters: filtersGiven(flags) };
    const counting = layers.map((layer) => counted(layer, wrote));
    const job: ExportJob = { config, flags, db: snapshot, reader, provenance, layers: counting, wrote };
    const written = writeStaged(target, (path) => exporter.write(path, job));
    const bytes = await written.finally(() => progress.stop());
    const seconds = Number(((performance.now() - started) / 1000).toFixed(3));
    return { path: target.path, format: target.format, model_id: modelId, layers: counts, bytes, seconds };
  });
}

/** What is asked for, and how much of it there is. */
async function contentsOf({ holds }: Exporter, reader: ExportReader, flags: ExportFlags) {
  if (holds === 'catalogue') {
    const items = await reader.countScans();
    const detections = await reader.count(reader.view('detections'));
    const counts = [
      { name: 'items', count: items },
      { name: 'detections', count: detections },
    ];
    return { layers: [], counts, total: items };
  }
  if (holds === 'project' && !carriesRows(flags)) return { layers: [], counts: [], total: 0 };
  const asked = flags.layers ?? (holds === 'project' ? CARRIED : undefined);
  const layers: ExportLayer[] = [];
  for (const name of layerNames(asked, holds !== 'one', reader))
    layers.push(await exportLayer(reader, reader.view(name)));
  const counts = layers.map(({ name, count }) => ({ name, count }));
  return { layers, counts, total: counts.reduce((sum, { count }) => sum + count, 0) };
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
