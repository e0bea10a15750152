import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startReplica, type Replica } from '../../src/replica/replica.js';
import { noiseScenes } from '../replica/support.js';
import { runCli, sentenceOf, type CliRun } from '../support/cli.js';

const SIZE = 128;
const VOLUME = 'LROLRC_1067A';
const DRAW = ['--size', String(SIZE), '--crops', '2', '--images', '3'];

interface Answer {
  readonly complete: boolean;
  readonly images: number;
  readonly crops: number;
  readonly passed_over: number;
  readonly volumes: unknown;
  readonly strata: readonly { readonly name: string; readonly available: number; readonly images: number }[];
}

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-cli-sample-'));
let replica: Replica;
beforeAll(async () => {
  replica = await startReplica({
    ...{ port: 0, seed: 7, images: 6, lines: 320, newestVolume: VOLUME },
    ...{ prepare: false, scenes: noiseScenes },
  });
});
afterAll(async () => {
  await replica.close();
  rmSync(folder, { recursive: true });
});

function sample(out: string, more: readonly string[] = []): Promise<CliRun> {
  return runCli(['sample', '--out', out, ...DRAW, ...more], {
    SELENOSCAN_ARCHIVE_URLS: JSON.stringify([replica.address]),
    SELENOSCAN_ARCHIVE_SPACING_MS: '0',
    SELENOSCAN_ARCHIVE_RETRIES: '0',
    SELENOSCAN_ARCHIVE_MIN_LINES: '64',
  });
}

const imagesAsked = (): number => replica.log.filter(({ path }) => path.endsWith('.tif')).length;
const picturesIn = (out: string): string[] => readdirSync(out).filter((name) => name.endsWith('.png'));

describe('selenoscan sample', () => {
  it('draws windows from the archive, prints the strata, and does not ask for them again', async () => {
    const out = join(folder, 'drawn');
    const run = await sample(out);
    expect(sentenceOf(run)).toBe('');
    expect(run.code).toBe(0);
    const [head, ...lines] = run.stdout.trimEnd().split('\n');
    expect(head).toMatch(/^stratum +available {2}drawn$/);
    const last = lines.pop()!;
    expect(last).toMatch(/^3 images, 6 windows in /);
    expect(last.replace(/; \d+ passed over \(sample\.json tells why\)/, '')).toBe(
      `3 images, 6 windows in ${out}.`,
    );
    let drawn = 0;
    for (const line of lines) {
      const [, available, images] =
        /^latitude=\S+ incidence=\S+ resolution=\S+ +(\d+) +(\d+)$/.exec(line) ?? [];
      expect(Number(available), line).toBeGreaterThanOrEqual(Number(images));
      drawn += Number(images);
    }
    expect(drawn).toBe(3);

    const pictures = picturesIn(out);
    expect(pictures).toHaveLength(6);
    for (const name of pictures)
      expect(await sharp(join(out, name)).metadata()).toMatchObject({ width: SIZE, height: SIZE });
    const sun = JSON.parse(readFileSync(join(out, 'sun.json'), 'utf8')) as Record<string, number>;
    expect(Object.keys(sun).sort()).toEqual(pictures.sort());

    const asked = imagesAsked();
    expect(asked).toBeGreaterThanOrEqual(3);
    const again = await sample(out, ['--json']);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ out, complete: true, images: 3, crops: 6 });
    expect(imagesAsked()).toBe(asked);

    const other = await sample(out, ['--images', '4']);
    expect(other).toMatchObject({ code: 2, stdout: '' });
    expect(sentenceOf(other)).toBe(
      `selenoscan: ${out} holds a draw with other options (images); give those, or another folder by --out.`,
    );
  }, 120_000);

  it('says beforehand what a draw would take, and fetches no image for that', async () => {
    const before = imagesAsked();
    const out = join(folder, 'estimate');
    const run = await sample(out, ['--estimate']);
    expect(sentenceOf(run)).toBe('');
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(
      /\n3 images \(6 windows\) would take \d+ requests, \d+(\.\d+)? MB and \d+ min at an assumed 2\.0 MB\/s\.\n$/,
    );
    expect(imagesAsked()).toBe(before);
    expect(picturesIn(out)).toEqual([]);
  }, 60_000);

  it('draws what there is where more is asked for, says so, and ends with 1', async () => {
    const out = join(folder, 'all');
    const run = await sample(out, ['--images', '50', '--by', 'latitude', '--json']);
    expect(run.code).toBe(1);
    const answer = JSON.parse(run.stdout) as Answer;
    expect(answer).toMatchObject({ complete: false, volumes: [{ volume: VOLUME }] });
    expect(answer.images).toBeGreaterThan(0);
    expect(answer.images).toBeLessThanOrEqual(6);
    expect(answer.images + answer.passed_over).toBe(
      answer.strata.reduce((sum, { available }) => sum + available, 0),
    );
    expect(answer.crops).toBe(picturesIn(out).length);
    for (const { name } of answer.strata) expect(name).toMatch(/^latitude=-?\d+\.\.-?\d+$/);

    const again = await sample(out, ['--images', '50', '--by', 'latitude']);
    expect(again.code).toBe(1);
    expect(again.stdout.trimEnd()).toMatch(/; the archive's index has no more that can be fetched\.$/);
  }, 120_000);

  it('says which limits leave nothing to draw', async () => {
    const out = join(folder, 'nothing');
    const run = await sample(out, ['--max-resolution', '0.01']);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(sentenceOf(run)).toMatch(
      new RegExp(
        `^selenoscan: No image of ${VOLUME} is within the limits \\(left out: .+\\); remove ${out} and widen --max-resolution, `,
      ),
    );
  }, 60_000);

  it.each([
    [
      ['--by', 'colour'],
      'selenoscan: --by colour: images are drawn by latitude, incidence, resolution; give one or more of them.',
    ],
    [
      ['--bins', 'incidence=80,45'],
      'selenoscan: --bins incidence=80,45: give a quantity and two or more ascending edges, such as incidence=0,45,80.',
    ],
    [
      ['--volumes', 'mare'],
      `selenoscan: mare names no volume: give volumes of LRO-L-LROC-3-CDR-V1.0 such as ${VOLUME}, a range FIRST..LAST of them, or how many to spread over the mission.`,
    ],
    [
      ['--bbox', '1,2,3'],
      "error: option '--bbox <W,S,E,N>' argument '1,2,3' is invalid. Give W,S,E,N in degrees, such as -30,0,30,10.",
    ],
    [
      ['--size', '32'],
      "error: option '--size <px>' argument '32' is invalid. Give a whole number from 64 to 4096.",
    ],
    [['--out', '/dev/null/sample'], 'selenoscan: /dev/null/sample: the folder cannot be made; check --out.'],
  ])('refuses %j in one sentence', async (flags, sentence) => {
    const run = await sample(join(folder, 'refused'), flags);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr.split('\n')).toContain(sentence);
    expect(run.stderr).not.toContain('    at ');
    expect(existsSync(join(folder, 'refused', 'sample.json'))).toBe(false);
  });
});
