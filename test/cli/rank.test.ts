import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, sentenceOf } from '../support/cli.js';
import { ROOT, STARTER as MODEL } from '../support/starter.js';

const EXAMPLE = join(ROOT, 'docs/example');
const LABELS = join(EXAMPLE, 'synthetic.labels.csv');
/** Labelled objects in the example. */
const OBJECTS = 12;

interface Sent {
  readonly items: number;
  readonly bytes: number;
  readonly worth: number;
  readonly objects: number;
}
interface Answer {
  readonly unit: string;
  readonly images: number;
  readonly items: number;
  readonly bytes: number;
  readonly budget: number;
  readonly objects?: number;
  readonly within_budget: Readonly<Record<'ranked' | 'file_order' | 'random', Sent>>;
  readonly figures: readonly string[];
}
type Row = Readonly<Record<string, string>>;

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-rank-'));
const images = join(folder, 'images');
beforeAll(async () => {
  mkdirSync(images);
  // The plain ground of the picture comes first by name, and the picture with all its hardware after it.
  await sharp(join(EXAMPLE, 'synthetic.png'))
    .extract({ left: 0, top: 544, width: 256, height: 256 })
    .toFile(join(images, 'ground.png'));
  copyFileSync(join(EXAMPLE, 'synthetic.png'), join(images, 'synthetic.png'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const tableOf = (file: string): Row[] => parse(readFileSync(file, 'utf8'), { columns: true });

describe('selenoscan rank', () => {
  it('sends the labelled objects first among tiles, and tells it in a table, a CSV and figures', async () => {
    const out = join(folder, 'tiles.csv');
    const run = await runCli([
      ...['rank', MODEL, images, '--budget', '5%', '--out', out],
      ...['--labels', LABELS, '--json'],
    ]);
    expect(sentenceOf(run)).toBe('');
    expect(run.code).toBe(0);
    const result = JSON.parse(run.stdout) as Answer;
    expect(result).toMatchObject({ unit: 'tiles', images: 2, objects: OBJECTS });
    const { ranked, file_order: inFileOrder, random } = result.within_budget;
    expect(ranked.objects).toBeGreaterThanOrEqual(OBJECTS / 2);
    expect(ranked.objects).toBeGreaterThan(3 * Math.max(inFileOrder.objects, random.objects));
    expect(ranked.worth).toBeGreaterThan(random.worth);
    for (const { bytes } of [ranked, inFileOrder, random]) expect(bytes).toBeLessThanOrEqual(result.budget);

    const rows = tableOf(out);
    expect(rows).toHaveLength(result.items);
    expect(Object.keys(rows[0]!)).toEqual(
      ['order', 'image', 'x', 'y', 'worth', 'score', 'bytes'].concat(['cumulative_bytes', 'within_budget']),
    );
    let sum = 0;
    for (const [i, { order, bytes, cumulative_bytes: cumulative }] of rows.entries()) {
      sum += Number(bytes);
      expect([Number(order), Number(cumulative)]).toEqual([i + 1, sum]);
    }
    expect(sum).toBe(result.bytes);
    expect(result.budget).toBe(Math.floor(0.05 * sum));
    expect(rows.filter(({ within_budget: within }) => within === 'true')).toHaveLength(ranked.items);
    // A tile costs what it takes as a PNG.
    const { x, y, bytes } = rows.find(({ image }) => image === 'ground.png')!;
    const tile = await sharp(join(images, 'ground.png'))
      .extract({ left: Number(x), top: Number(y), width: 64, height: 64 })
      .toColourspace('b-w')
      .png({ compressionLevel: 9, adaptiveFiltering: true })
      .toBuffer();
    expect(Number(bytes)).toBe(tile.length);

    expect(result.figures).toEqual([join(folder, 'tiles.png'), join(folder, 'tiles-objects.png')]);
    for (const figure of result.figures) {
      expect((await sharp(figure).metadata()).width).toBeGreaterThan(1000);
      expect(readFileSync(figure.replace('.png', '.svg'), 'utf8')).toMatch(/^<svg [^]*<\/svg>\s*$/);
    }
  }, 120_000);

  it('ranks whole images by their files, and prints what a budget in bytes sends', async () => {
    const out = join(folder, 'images.csv');
    const run = await runCli([
      ...['rank', MODEL, images, '--unit', 'images', '--budget', '1MB'],
      ...['--out', out, '--stride', '64'],
    ]);
    expect(sentenceOf(run)).toBe('');
    expect(run.code).toBe(0);
    const rows = tableOf(out);
    expect(rows.map(({ image }) => image)).toContain('synthetic.png');
    for (const { image, bytes } of rows)
      expect(Number(bytes), image).toBe(statSync(join(images, image!)).size);
    const all = rows.reduce((sum, { bytes }) => sum + Number(bytes), 0) / 1e6;
    const [head, columns, ...lines] = run.stdout.trimEnd().split('\n');
    expect(head).toBe(`2 images of ${all.toFixed(2)} MB; the budget is 1.00 MB`);
    expect(columns).toMatch(/^ +images +bytes {2}expected anomalies$/);
    for (const [i, name] of ['ranked', 'file order', 'random'].entries())
      expect(lines[i]).toMatch(new RegExp(`^${name} +2 +${all.toFixed(2)} MB +\\d+\\.\\d\\d$`));
    expect(lines.slice(3)).toEqual([`Written to ${out}, ${join(folder, 'images.png')}.`]);
  }, 120_000);

  it.each([
    [
      ['--out', 'order.txt'],
      'selenoscan: --out order.txt: the order is written as CSV; give a name that ends in .csv.',
    ],
    [
      ['--out', '/nowhere/order.csv'],
      'selenoscan: --out /nowhere/order.csv: its folder is not there or cannot be written; give another one.',
    ],
    [
      ['--labels', '/nowhere/labels.csv'],
      'selenoscan: /nowhere/labels.csv: the labels cannot be read; check the path.',
    ],
    [['--stride', '65'], 'selenoscan: --stride skips pixels between tiles of 64; give 64 or less.'],
    [
      ['--budget', '20 apples'],
      "error: option '--budget <bytes>' argument '20 apples' is invalid. Give bytes such as 20MB or 500kB, or a share of all such as 10%.",
    ],
    [
      ['--prior', '1'],
      "error: option '--prior <share>' argument '1' is invalid. It must be a number between 0 and 1.",
    ],
  ])('refuses %j in one sentence', async (flags, sentence) => {
    const given = ['--budget', '1MB', '--out', join(folder, 'refused.csv'), ...flags];
    const run = await runCli(['rank', MODEL, images, ...given]);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr.split('\n')).toContain(sentence);
    expect(run.stderr).not.toContain('    at ');
  });

  it('says which folder it cannot take images from, and how another one is given', async () => {
    const empty = mkdtempSync(join(folder, 'empty-'));
    const given = ['--budget', '1MB', '--out', join(folder, 'refused.csv')];
    const [none, nowhere] = await Promise.all([
      runCli(['rank', MODEL, empty, ...given]),
      runCli(['rank', MODEL, '/nowhere', ...given]),
    ]);
    expect(none.code).toBe(2);
    expect(sentenceOf(none)).toBe(
      `selenoscan: ${empty} holds no PNG, TIFF or .IMG images; give their folder after the model.`,
    );
    expect(nowhere.code).toBe(2);
    expect(sentenceOf(nowhere)).toBe(
      'selenoscan: /nowhere: the folder of images cannot be read; give it after the model.',
    );
  });
});
