import { availableParallelism } from 'node:os';
import { scanImage } from '../../src/pipeline/scan-image.js';
import { openPostgres } from '../../src/store/postgres/open-postgres.js';
import { machineFacts } from '../harness/machine.js';
import { note } from '../harness/options.js';
import { defaultConfig, openTools } from '../harness/product.js';
import type { BenchResult, Size } from '../harness/result.js';
import {
  busyRounds,
  medianOf,
  rateOf,
  runRounds,
  speedRatio,
  type Contestant,
  type Measurement,
} from '../harness/rounds.js';
import { memoryRaster, sceneLines } from '../harness/scene.js';
import { median, spreadOf, type Ratio } from '../harness/statistics.js';
import { bestSetup } from '../peers/best-torch.js';
import { PIPELINE_PACKAGES, pythonWith, versionsIn } from '../peers/python-venv.js';
import type { TorchMode } from '../peers/torch-peer.js';
import { shippedModel } from '../shipped-model.js';
import { oneImageArchive, type OneImageArchive } from './archive.js';
import { peerImageOf } from './peer-image.js';
import { samePlaces } from './same-places.js';
import { runOnce, runPython, scanFile, type Way } from './ways.js';
import { cluster, migrate } from '../harness/throwaway-server.js';

/** Enough for a strip of every form. */
const TINY_LINES = 512;

export interface CompareOptions {
  readonly bench: string;
  readonly command: string;
  readonly lines: number;
  readonly rounds: number;
  readonly budgetS: number;
  readonly size: Size;
  /** Whether PyTorch as most people run it takes part, on a quarter of the lines: it is slow. */
  readonly eager: boolean;
}

/** The whole way of an image, ours and in Python, in turns. */
export async function compareScans(o: CompareOptions): Promise<BenchResult> {
  const server = cluster.createClusterFolder();
  // However this process ends, its server does not outlive it.
  process.once('exit', () => cluster.stopCluster(server));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const databases = await openDatabases(await cluster.startCluster(server));
    const archive = await oneImageArchive(o.lines);
    closing.push(() => archive.replica.close());
    return await compare(o, archive, databases, closing);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/** Makes migrated databases, each a copy of one. */
async function openDatabases(url: string): Promise<() => Promise<string>> {
  const named = (name: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href;
  const create = async (name: string, template: string): Promise<string> => {
    const db = await openPostgres({ url, poolSize: 1 });
    try {
      await db.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
    } finally {
      await db.close();
    }
    return named(name);
  };
  migrate(await create('base', 'template0'));
  let count = 0;
  return () => create(`way_${(count += 1)}`, 'base');
}

async function compare(
  o: CompareOptions,
  archive: OneImageArchive,
  newDatabase: () => Promise<string>,
  closing: (() => Promise<unknown>)[],
): Promise<BenchResult> {
  const notes: Record<string, string> = {};
  const figures: Record<string, number> = { lines: o.lines };
  const ratios: Record<string, Ratio> = {};
  const ways = new Map<string, Way[]>();
  const contestants: Contestant[] = [];
  const add = (name: string, way: () => Promise<Way>): void => {
    ways.set(name, []);
    contestants.push({
      name,
      run: async () => {
        const done = await way();
        ways.get(name)!.push(done);
        return done.tiles;
      },
    });
  };
  add('scan', () => scanFile(archive, {}));
  add('run', async () => runOnce(archive, await newDatabase(), {}));
  const tools = await openTools(defaultConfig());
  closing.push(() => tools.pool.close());
  const raster = memoryRaster(sceneLines(o.lines), o.lines);
  const memory = async (): Promise<number> =>
    (await scanImage(raster, archive.towardsSun, tools, new AbortController().signal)).parts.count;
  contestants.push({ name: 'memory', run: memory });
  const libraries = await addPython(o, archive, newDatabase, notes, add, closing);

  const measured = await runRounds(contestants, o.rounds, o.budgetS, note);
  for (const [name, done] of ways) {
    figures[`${name}_s`] = median(done.map(({ seconds }) => seconds));
    figures[`${name}_cpu_s`] = median(done.map(({ cpuSeconds }) => cpuSeconds));
    figures[`${name}_peak_mb`] = median(done.map(({ peakMb }) => peakMb));
    figures[`${name}_detections`] = done[0]!.detections.length;
    figures[`${name}_tiles`] = done[0]!.tiles;
  }
  figures['peak_mb'] = figures['run_peak_mb']!;
  figures['scan_tiles_per_s'] = rateOf(measured, 'scan');
  figures['run_tiles_per_s'] = rateOf(measured, 'run');
  figures['not_scoring_share'] =
    1 - medianOf(measured, 'memory', perTile) / medianOf(measured, 'run', perTile);
  notes['not_scoring_share'] =
    'of the wall time of `run --once`: start, poll, fetch, decoding, places and commit, being what it takes beyond the same tiles scanned from memory';
  for (const peer of ['python_best', 'python_eager']) {
    const done = ways.get(peer);
    if (done === undefined || done.length === 0) continue;
    figures[`${peer}_warm_up_s`] = median(done.map(({ warmUpS }) => warmUpS));
    const ours = (['scan', 'run'] as const).map((name) => [name, ways.get(name)!] as const);
    for (const [name, own] of ours) {
      ratios[`${name}_vs_${peer}_cold`] = speedRatio(measured, name, peer);
      ratios[`${name}_vs_${peer}`] = withoutWarmUp(own, done);
    }
    if (peer === 'python_best') {
      figures['python_best_same_places_share'] = samePlaces(
        ways.get('scan')![0]!.detections,
        done[0]!.detections,
      );
    }
  }
  figures['run_same_places_share'] = samePlaces(
    ways.get('scan')![0]!.detections,
    ways.get('run')![0]!.detections,
  );
  return {
    bench: o.bench,
    machine: machineFacts(libraries),
    command: o.command,
    date: new Date().toISOString(),
    size: o.size,
    rounds: new Set(measured.map(({ round }) => round)).size,
    busy_rounds: busyRounds(measured),
    figures,
    ratios,
    notes,
  };
}

function perTile({ seconds, work }: Measurement): number {
  return seconds / work;
}

/** Speed for speed, tile for tile, the Python side without its start and compilation, ours with its start. */
function withoutWarmUp(ours: readonly Way[], theirs: readonly Way[]): Ratio {
  const rounds = Math.min(ours.length, theirs.length);
  return spreadOf(
    Array.from({ length: rounds }, (_, i) => {
      const [own, peer] = [ours[i]!, theirs[i]!];
      return own.tiles / own.seconds / (peer.tiles / (peer.seconds - peer.warmUpS));
    }),
  );
}

/** @returns versions of what it runs on */
async function addPython(
  o: CompareOptions,
  archive: OneImageArchive,
  newDatabase: () => Promise<string>,
  notes: Record<string, string>,
  add: (name: string, way: () => Promise<Way>) => void,
  closing: (() => Promise<unknown>)[],
): Promise<Record<string, string>> {
  const found = pythonWith(PIPELINE_PACKAGES);
  const folder = shippedModel();
  if ('missing' in found || folder === null) {
    notes['python'] = `not measured: ${'missing' in found ? found.missing : 'models/ holds no model'}`;
    return {};
  }
  const { python } = found;
  const { detection } = defaultConfig();
  const short = o.eager ? await oneImageArchive(Math.max(512, Math.round(o.lines / 4))) : null;
  if (short !== null) closing.push(() => short.replica.close());
  const tiny = async (): Promise<OneImageArchive> => {
    const archive = await oneImageArchive(TINY_LINES);
    closing.push(() => archive.replica.close());
    return archive;
  };
  const quick = o.size === 'small';
  const bf16: TorchMode[] = quick ? ['compile_bf16'] : ['compile_bf16', 'freeze_bf16'];
  const kinds = [
    ['python_best', 'torch_best', bf16, archive],
    ['python_eager', 'torch_eager', ['eager'] satisfies TorchMode[], short],
  ] as const;
  for (const [name, setupName, modes, image] of kinds) {
    if (image === null) continue;
    try {
      const cores = availableParallelism();
      const spread = name === 'python_best' && !quick;
      const sample = peerImageOf(archive.towardsSun);
      const setup = await bestSetup(python, folder, sample, { name: setupName, modes, spread, cores, quick });
      notes[`${name}_setup`] =
        `${setup.mode}, ${setup.processes} x ${setup.threads} threads, batches of ${setup.batch}`;
      const run = async (of: OneImageArchive): Promise<Way> =>
        runPython(python, of, { folder, setup, database: await newDatabase(), detection });
      // Compiled kernels are kept from here on, as they are on a machine that does this every day.
      if (name === 'python_best') await run(await tiny());
      add(name, () => run(image));
    } catch (error) {
      notes[name] = `not measured: ${(error as Error).message}`;
    }
  }
  return versionsIn(python, ['torch', 'numpy', 'scipy', 'rasterio', 'psycopg']);
}
