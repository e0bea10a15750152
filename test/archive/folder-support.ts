import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import type { Release } from '../../src/archive/archive-source.js';
import { browsePath } from '../../src/archive/archive-urls.js';
import { FolderSource, type FolderOptions } from '../../src/archive/folder/folder-source.js';
import { formatBrowseLabel } from '../../src/replica/browse-label.js';
import type { Replica } from '../../src/replica/replica.js';
import type { Product } from '../../src/domain/product.js';
import { isdFacts } from '../../src/geo/isd-facts.js';
import { inspectImage } from '../../src/raster/inspect-image.js';
import { systemClock } from '../../src/telemetry/clock.js';
import { createHash } from 'node:crypto';
import { all } from './support.js';

/** A temp folder, removed after the test. */
export async function tempFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'folder-source-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export interface TestFolder {
  readonly root: string;
  readonly source: FolderSource;
  readonly problems: string[];
  /** Writes a file below the root, as if an hour ago, and makes the folders that it needs. */
  put(path: string, content: Uint8Array | string): Promise<string>;
  /** One discovery to its end; null where nothing is new. */
  look(state?: unknown): Promise<Look | null>;
  /** Another source on the same folder, as another process has it. */
  again(options?: Partial<FolderOptions>): FolderSource;
}

export interface Look {
  readonly products: Product[];
  readonly counts: Release['counts'];
  readonly state: unknown;
}

/** An hour ago: files are put as if they had lain there for long. */
const LONG_AGO_S = Date.now() / 1000 - 3600;

/** A folder source on a temp folder of its own, with the real eyes and nothing to wait for. */
export async function testFolder(options: Partial<FolderOptions> = {}): Promise<TestFolder> {
  const root = await tempFolder();
  const problems: string[] = [];
  const again = (more: Partial<FolderOptions> = {}): FolderSource => {
    const source = new FolderSource({
      folder: root,
      dataSet: 'cdr',
      image: 'ptif',
      settleMs: 0,
      clock: systemClock,
      inspect: inspectImage,
      isdFacts,
      onProblem: (_, sentence) => void problems.push(sentence),
      ...options,
      ...more,
    });
    onTestFinished(() => source.close());
    return source;
  };
  const source = again();
  return {
    root,
    source,
    problems,
    again,
    look: (state) => lookOnce(source, state),
    async put(path, content) {
      const file = join(root, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      await utimes(file, LONG_AGO_S, LONG_AGO_S);
      return file;
    },
  };
}

/** One discovery to its end; the state goes the way through JSON that a poller's does. */
export async function lookOnce(source: FolderSource, state: unknown = null): Promise<Look | null> {
  const known: unknown = JSON.parse(JSON.stringify(state));
  for await (const release of source.discover(known)) {
    const products = (await all(release.products)).map(({ product }) => product);
    return { products, counts: release.counts, state: JSON.parse(JSON.stringify(release.state)) };
  }
  return null;
}

let made: Promise<Buffer> | null = null;

/** A small whole TIFF; with a level, one of its own content and the same size. */
export async function tinyTiff(level = 0): Promise<Buffer> {
  made ??= sharp({ create: { width: 96, height: 128, channels: 3, background: '#777' } })
    .toColourspace('b-w')
    .tiff({ compression: 'none', tile: true, tileWidth: 64, tileHeight: 64 })
    .toBuffer();
  const bytes = Buffer.from(await made);
  // Tiles come before the directory or after it, but never at the file's middle byte alone.
  bytes[1000] = level;
  return bytes;
}

/** Every file below a folder with its bytes, so that any change shows. */
export async function contentOf(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const pairs = files.map(async (file) => {
    const { mtimeMs } = await stat(file);
    const hash = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    return [relative(root, file), `${hash} ${mtimeMs}`] as const;
  });
  return Object.fromEntries(await Promise.all(pairs));
}

/** Writes what a replica has released as a mirror has it: the volume's index, its images and their labels. */
export async function mirror(replica: Replica, root: string): Promise<void> {
  for (const { period, table, label, products } of replica.volumes) {
    const dataSet = 'LRO-L-LROC-3-CDR-V1.0';
    const volume = join(root, dataSet, period.volumeId);
    await mkdir(join(volume, 'INDEX'), { recursive: true });
    await writeFile(join(volume, 'INDEX', 'INDEX.TAB'), table.body);
    await writeFile(join(volume, 'INDEX', 'INDEX.LBL'), label.body);
    const image = join(root, 'tiny');
    await writeFile(image, await tinyTiff());
    for (const { productId, startTime } of products) {
      const day = `${startTime.getUTCFullYear()}${String(dayOfYear(startTime)).padStart(3, '0')}`;
      const fileSpecification = `${dataSet}/${period.volumeId}/DATA/ESM6/${day}/NAC/${productId}.IMG`;
      const stem = join(root, browsePath({ productId, fileSpecification }));
      await mkdir(dirname(stem), { recursive: true });
      await copyFile(image, `${stem}.tif`);
      const bytes = await readFile(image);
      const xml = formatBrowseLabel({
        productId,
        volumeId: period.volumeId,
        bundle: 'lro-l-lroc-3-cdr',
        bytes: bytes.length,
        md5: createHash('md5').update(bytes).digest('hex'),
        created: new Date(),
      });
      await writeFile(`${stem}.xml`, xml);
    }
    await rm(image);
  }
}

function dayOfYear(time: Date): number {
  return Math.floor((time.getTime() - Date.UTC(time.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
}
