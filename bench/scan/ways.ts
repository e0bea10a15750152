import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../src/config/schema.js';
import { openPostgres } from '../../src/store/postgres/open-postgres.js';
import { benchCache } from '../harness/cache.js';
import type { TorchSetup } from '../peers/best-torch.js';
import type { OneImageArchive } from './archive.js';
import type { Place } from './same-places.js';
import { watched, type Watched } from './watched.js';

/** What one way of finding an image's detections took, and what it found. */
export interface Way extends Watched {
  readonly tiles: number;
  readonly detections: readonly Place[];
  /** Seconds before an image was begun that a long run would pay once; 0 where none are told apart. */
  readonly warmUpS: number;
}

const BIN = 'bin/selenoscan.js';

/** `selenoscan scan` of the file. */
export async function scanFile(
  { path, towardsSun }: OneImageArchive,
  env: Record<string, string>,
): Promise<Way> {
  const azimuth = (Math.atan2(towardsSun.x, -towardsSun.y) * 180) / Math.PI;
  const sun = String((azimuth + 360) % 360);
  const run = await watched(process.execPath, [BIN, 'scan', path, '--sun', sun, '--json'], env);
  const { images } = JSON.parse(run.stdout) as { images: { tiles: number; detections: Place[] }[] };
  return { ...run, tiles: images[0]!.tiles, detections: images[0]!.detections, warmUpS: 0 };
}

/** `selenoscan run --once`: found in the archive, fetched, scanned, placed, committed. */
export async function runOnce(
  { replica }: OneImageArchive,
  database: string,
  env: Record<string, string>,
): Promise<Way> {
  const run = await watched(process.execPath, [BIN, 'run', '--once', '--json'], {
    ...env,
    DATABASE_URL: database,
    SELENOSCAN_ARCHIVE_URLS: JSON.stringify([replica.address]),
    SELENOSCAN_ARCHIVE_SPACING_MS: '0',
    SELENOSCAN_ARCHIVE_MIN_LINES: '64',
    SELENOSCAN_LOG_LEVEL: 'warn',
  });
  const db = await openPostgres({ url: database, poolSize: 1 });
  try {
    const detections = await db.query<Place & { line: number; sample: number }>(
      'SELECT line, sample FROM selenoscan.detections ORDER BY rank_in_image',
    );
    const [scan] = await db.query<{ tiles: number }>(
      "SELECT tiles::int AS tiles FROM selenoscan_data.scan WHERE state = 'scanned'",
    );
    if (scan === undefined) throw new Error(`run --once scanned nothing: ${run.stdout.trim()}`);
    return { ...run, tiles: scan.tiles, detections, warmUpS: 0 };
  } finally {
    await db.close();
  }
}

/** The pipeline in Python, set up as PyTorch served best. */
export async function runPython(
  python: string,
  archive: OneImageArchive,
  o: { folder: string; setup: TorchSetup; database: string; detection: Config['detection'] },
): Promise<Way> {
  const { path, towardsSun, corners, productId } = archive;
  const name = `${process.pid}-pipeline-${o.setup.mode}`;
  const files = {
    task: join(benchCache('tasks'), `${name}.json`),
    out: join(benchCache('tasks'), `${name}.out.json`),
  };
  const task = {
    ...o.setup,
    image: path,
    folder: o.folder,
    away: [-towardsSun.x, -towardsSun.y],
    threshold: o.detection.threshold,
    radius: o.detection.merge_radius,
    budget: o.detection.budget,
    database: o.database,
    corners,
    product: productId,
    cache: benchCache(),
    out: files.out,
  };
  writeFileSync(files.task, JSON.stringify(task));
  const run = await watched(python, ['bench/peers/pipeline.py', files.task]);
  const { seconds, tiles, detections } = JSON.parse(readFileSync(files.out, 'utf8')) as {
    seconds: number;
    tiles: number;
    detections: Place[];
  };
  return { ...run, tiles, detections, warmUpS: run.seconds - seconds };
}
