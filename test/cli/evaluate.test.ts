import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli, sentenceOf } from '../support/cli.js';
import { ROOT, STARTER as MODEL } from '../support/starter.js';

const EXAMPLE = join(ROOT, 'docs/example');

interface Truth {
  readonly sunAzimuthDeg: number;
  readonly planted: readonly { kind: string; line: number; sample: number }[];
}
interface Estimate {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}
interface Score {
  readonly ap: Estimate;
  readonly base_rate: number;
  readonly positive_tiles: number;
  readonly plain_tiles: number;
  readonly classes: Readonly<Record<string, { readonly ap: Estimate; readonly positive_tiles: number }>>;
}
interface Answer {
  readonly drawn_score: string;
  readonly images: readonly {
    readonly tiles: number;
    readonly masked_tiles: number;
    readonly plain_tiles: number;
    readonly edge_tiles: number;
    readonly positive_tiles: number;
    readonly objects: number;
    readonly sun_known: boolean;
  }[];
  readonly scores: Readonly<Record<string, Score>>;
  readonly figures: readonly { file: string; width: number; height: number }[];
}

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-evaluate-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The planted landers of the example, beside its picture and a plain one. */
async function labelledFolder(): Promise<{ dir: string; labels: string; sun: string }> {
  const dir = join(folder, 'images');
  mkdirSync(dir);
  copyFileSync(join(EXAMPLE, 'synthetic.png'), join(dir, 'synthetic.png'));
  const plain = join(dir, 'M1271742202LC.png');
  await sharp(join(EXAMPLE, 'synthetic.png'))
    .extract({ left: 0, top: 544, width: 256, height: 256 })
    .toFile(plain);
  const truth = JSON.parse(readFileSync(join(EXAMPLE, 'synthetic.truth.json'), 'utf8')) as Truth;
  const labels = join(dir, 'labels.csv');
  const rows = truth.planted.map(({ kind, line, sample }) => `synthetic.png,${sample},${line},${kind}\n`);
  writeFileSync(labels, `product_id,x,y,class\n${rows.join('')}`);
  const sun = join(dir, 'sun.json');
  writeFileSync(
    sun,
    JSON.stringify({ 'synthetic.png': truth.sunAzimuthDeg, M1271742202LC: truth.sunAzimuthDeg }),
  );
  return { dir, labels, sun };
}

describe('selenoscan evaluate', () => {
  it('ranks planted landers far better by the default score than by the reconstruction error, and draws it', async () => {
    const { labels, sun } = await labelledFolder();
    const out = join(folder, 'out');
    const run = await runCli(['evaluate', MODEL, labels, '--sun', sun, '--out', out, '--json']);
    expect(run.stderr).not.toContain('SunUnknown');
    expect(run.code).toBe(0);
    const result = JSON.parse(run.stdout) as Answer;
    expect(JSON.parse(readFileSync(join(out, 'evaluation.json'), 'utf8'))).toEqual(result);
    expect(result.drawn_score).toBe('c');
    const { c, l2 } = result.scores as { c: Score; l2: Score };
    expect(c.classes['lander']!.ap.value).toBeGreaterThan(2 * l2.classes['lander']!.ap.value);
    expect(c.ap.value).toBeGreaterThan(2 * l2.ap.value);
    expect(c.ap.low).toBeLessThanOrEqual(c.ap.value);
    expect(Object.keys(c.classes)).toEqual(['debris', 'lander', 'rover', 'tracks']);

    for (const image of result.images) {
      const { tiles, masked_tiles, plain_tiles, edge_tiles, positive_tiles } = image;
      expect(masked_tiles + plain_tiles + edge_tiles + positive_tiles).toBe(tiles);
      expect(image.sun_known).toBe(true);
    }
    expect(result.images.map(({ objects }) => objects)).toEqual([0, 12]);
    expect(c.plain_tiles).toBe(result.images.reduce((sum, image) => sum + image.plain_tiles, 0));
    expect(c.base_rate).toBeCloseTo(c.positive_tiles / (c.positive_tiles + c.plain_tiles), 12);

    expect(result.figures.map(({ file }) => file)).toEqual(['precision-recall.png', 'scores.png']);
    for (const { file, width, height } of result.figures) {
      const picture = await sharp(join(out, file)).metadata();
      expect(picture).toMatchObject({ format: 'png', width, height });
      expect(width).toBeGreaterThan(1000);
      const svg = readFileSync(join(out, file.replace('.png', '.svg')), 'utf8');
      expect(svg).toMatch(/^<svg [^]*Open Sans[^]*<\/svg>\s*$/);
    }
  });

  it.each([
    ['Nowhere.png,100,100\n', [], /holds no image of Nowhere\.png; put it there/],
    ['synthetic,100,9000\n', [], /lies outside its image of 800 x 800 pixels/],
    [
      'synthetic.png,100,100\n',
      ['--score', 'beauty'],
      /--score beauty is none of the (model's )?scores; choose l2, /,
    ],
    [
      'synthetic.png,100,100\n',
      ['--inside', '32'],
      /--inside 32 leaves nothing of a tile of 64; give less than 32/,
    ],
    ['synthetic.png,100\n', [], /line 1: there are 2 fields/],
  ])('refuses labels %j with %j in one sentence', async (csv, more, sentence) => {
    const labels = join(folder, 'refused.csv');
    writeFileSync(labels, csv);
    const out = join(folder, 'refused');
    const run = await runCli(['evaluate', MODEL, labels, '--images', EXAMPLE, '--out', out, ...more]);
    expect(run.code).toBe(2);
    expect(sentenceOf(run)).toMatch(sentence);
  });
});
