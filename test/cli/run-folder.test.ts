import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startReplica } from '../../src/replica/replica.js';
import { openEmbedded } from '../../src/store/embedded/open-embedded.js';
import { contentOf } from '../archive/folder-support.js';
import { passIsd, passPlace, type Pass } from '../geo/isd-support.js';
import { distanceM } from '../geo/support.js';
import { runCli, sentenceOf } from '../support/cli.js';

const LINES = 640;

/** Where the camera model has the second image: another side of the Moon than its row, which is not in the folder. */
const pass: Pass = {
  center: { lon: -120, lat: 30 },
  headingDeg: 180,
  mirrored: false,
  lines: LINES,
  alongM: 1,
  altitudeM: 100_000,
  summing: 1,
  subSolar: { lon: -80, lat: 1 },
};

interface Scanned {
  readonly product_id: string;
  readonly state: string;
  readonly error: string | null;
  readonly ground_model: string | null;
  readonly source_url: string | null;
}

interface Found {
  readonly product_id: string;
  readonly line: number;
  readonly sample: number;
  readonly lon: number;
  readonly lat: number;
}

describe('selenoscan run on a folder', () => {
  let work: string;
  let folder: string;
  let dir: string;
  let env: Record<string, string>;
  /** Paths of two images of the same size, and the index rows of both. */
  let images: { id: string; path: string; row: Buffer }[];

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'selenoscan-run-folder-'));
    folder = join(work, 'images');
    dir = join(work, 'database');
    await mkdir(folder);
    env = {
      SELENOSCAN_ARCHIVE_SOURCE: 'folder',
      SELENOSCAN_ARCHIVE_FOLDER: folder,
      SELENOSCAN_ARCHIVE_SETTLE_S: '0.5',
      SELENOSCAN_ARCHIVE_DOWNLOAD_DIR: work,
      SELENOSCAN_ARCHIVE_MIN_LINES: '64',
      SELENOSCAN_TILING_STRIDE_X: '64',
      SELENOSCAN_TILING_STRIDE_Y: '64',
      SELENOSCAN_HTTP_PORT: '0',
    };
    const replica = await startReplica({ port: 0, seed: 11, images: 2, lines: LINES });
    const [volume] = replica.volumes;
    const table = volume?.table.body ?? Buffer.alloc(0);
    const records = table.toString('latin1').split(/(?<=\r\n)/);
    images = await Promise.all(
      (volume?.products ?? []).map(async ({ productId, startTime }) => {
        const year = startTime.getUTCFullYear();
        const day = Math.floor((startTime.getTime() - Date.UTC(year, 0, 1)) / 86_400_000) + 1;
        const address = `${replica.address}LRO-L-LROC-3-CDR-V1.0/${volume?.period.volumeId ?? ''}/EXTRAS/BROWSE/${year}${String(day).padStart(3, '0')}/${productId}_pyr.tif`;
        const answer = await fetch(address);
        expect(answer.status).toBe(200);
        const path = join(work, `${productId}_pyr.tif`);
        await writeFile(path, new Uint8Array(await answer.arrayBuffer()));
        const row = records.find((record) => record.includes(`${productId}"`)) ?? '';
        return { id: productId, path, row: Buffer.from(row, 'latin1') };
      }),
    );
    await replica.close();
  }, 180_000);
  afterAll(() => rm(work, { recursive: true, force: true }));

  const inFolder = (image: { path: string }) => join(folder, 'some/where', basename(image.path));

  async function put(image: { id: string; path: string; row: Buffer }, isd?: string): Promise<void> {
    const path = inFolder(image);
    await mkdir(dirname(path), { recursive: true });
    await copyFile(image.path, path);
    if (isd === undefined) await writeFile(join(dirname(path), `${image.id}.TAB`), image.row);
    else await writeFile(join(dirname(path), `${image.id}_isd.json`), isd);
  }

  async function outcome(): Promise<{ scans: Map<string, Scanned>; found: readonly Found[] }> {
    const db = await openEmbedded({ dir });
    try {
      const rows = await db.query<Scanned>(
        `SELECT product_id, state, error, ground_model, source_url
         FROM selenoscan_data.scan JOIN selenoscan_data.product ON product.id = product_pk ORDER BY scan.id`,
      );
      const found = await db.query<Found>(
        'SELECT product_id, line, sample, lon, lat FROM selenoscan.detections',
      );
      return { scans: new Map(rows.map((row) => [row.product_id, row])), found };
    } finally {
      await db.close();
    }
  }

  it('scans an image with its row and one with its camera model, each placed by what it has', async () => {
    const [first, second] = images;
    if (first === undefined || second === undefined) throw new Error('two images are needed');
    await put(first);
    await put(second, JSON.stringify(passIsd(pass)));
    const before = await contentOf(folder);

    const check = await runCli(['check', '--archive'], env);
    expect(check.stdout).toContain(`ok     archive   folder ${folder}: 2 images, all with geometry`);

    const run = await runCli(['run', '--once', '--json', '--embedded', dir], env);
    expect(sentenceOf(run)).toBe('');
    expect(JSON.parse(run.stdout)).toMatchObject({ scans: { scanned: 2 } });
    const { scans: by, found } = await outcome();
    expect(by.get(first.id)).toMatchObject({ state: 'scanned', ground_model: 'corners' });
    expect(by.get(second.id)).toMatchObject({ state: 'scanned', ground_model: 'isd' });
    for (const image of [first, second]) {
      const url = by.get(image.id)?.source_url ?? '';
      expect(url).toBe(pathToFileURL(inFolder(image)).href);
      expect(await readFile(fileURLToPath(url))).toEqual(await readFile(image.path));
    }

    const byCamera = found.filter(({ product_id }) => product_id === second.id);
    expect(byCamera.length).toBeGreaterThan(0);
    expect(found.length).toBeGreaterThan(byCamera.length);
    for (const place of byCamera) expect(distanceM(place, passPlace(pass, place))).toBeLessThan(1);
    expect(await contentOf(folder)).toEqual(before);
  }, 240_000);

  it('scans only what changed, and names what cannot be placed and why', async () => {
    const [first, second] = images;
    if (first === undefined || second === undefined) throw new Error('two images are needed');
    const touched = await readFile(second.path);
    await writeFile(inFolder(second), Buffer.concat([touched, Buffer.from('\n')]));
    const isd = join(dirname(inFolder(first)), `${first.id}_isd.json`);
    await writeFile(isd, JSON.stringify(passIsd(pass)));
    const bare = join(folder, 'M100000000LC.tif');
    await copyFile(first.path, bare);
    const run = await runCli(['run', '--once', '--json', '--embedded', dir], env);
    expect(JSON.parse(run.stdout)).toMatchObject({ scans: { scanned: 1, invalid: 1 } });
    expect(run.stderr).toContain('M100000000LC.tif has no geometry; put its INDEX row (M100000000LC.TAB) or');
    expect(run.stderr).toContain('no geometry: put an INDEX row or an ISD beside it');
    const { scans: ended } = await outcome();
    expect(ended.get(second.id)).toMatchObject({ state: 'scanned' });
    expect(ended.get(first.id)).toMatchObject({ state: 'invalid' });
    expect(ended.get(first.id)?.error).toMatch(
      /_isd\.json: The camera model places the middle of M\d+[LR]C \d+ km from where its index row has it; put the model of this image beside it\.$/,
    );
  }, 240_000);

  it('says in one sentence what is wrong with the folder', async () => {
    const none = await runCli(['run', '--once', '--embedded', dir], {
      ...env,
      SELENOSCAN_ARCHIVE_FOLDER: '',
    });
    expect(none.code).toBe(2);
    expect(sentenceOf(none)).toContain('archive.folder names none; set it to a path.');
    const file = images[0]?.path ?? '';
    expect((await stat(file)).isFile()).toBe(true);
    const check = await runCli(['check', '--archive'], { ...env, SELENOSCAN_ARCHIVE_FOLDER: file });
    expect(check.code).toBe(1);
    expect(check.stdout).toContain(
      `FAILED archive   ${file} is not a folder; set archive.folder to one with images.`,
    );
  }, 120_000);
});
