import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePlace } from '../../src/cli/explore-place.js';
import { runCli, sentenceOf } from '../support/cli.js';
import { ROOT, STARTER as MODEL } from '../support/starter.js';

const EXAMPLE = join(ROOT, 'docs/example');

interface Place {
  readonly file: string;
  readonly x: number;
  readonly y: number;
  readonly score: number | null;
}
interface Answer {
  readonly drawn_score: string;
  readonly images: readonly { readonly file: string; readonly sun_known: boolean }[];
  readonly top: readonly (Place & {
    readonly rank: number;
    readonly scores: Readonly<Record<string, number>>;
  })[];
  readonly reconstructions: readonly (Place & {
    readonly chosen: boolean;
    readonly rms: number;
    readonly drawn_rms: readonly number[];
    readonly mu: readonly number[];
  })[];
  readonly walk: {
    readonly from: Place;
    readonly to: Place;
    readonly side: number;
    readonly step_rms: readonly number[];
  };
  readonly units: readonly { readonly divergence: number; readonly in_use: boolean }[];
  readonly map: {
    readonly tiles: number;
    readonly of: number;
    readonly points: readonly (Place & { readonly u: number; readonly v: number })[];
  };
  readonly figures: readonly { readonly file: string; readonly width: number; readonly height: number }[];
}
interface Truth {
  readonly sunAzimuthDeg: number;
  readonly planted: readonly { readonly kind: string; readonly line: number; readonly sample: number }[];
}

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-explore-'));
const images = join(folder, 'images');
const truth = JSON.parse(readFileSync(join(EXAMPLE, 'synthetic.truth.json'), 'utf8')) as Truth;
beforeAll(() => {
  mkdirSync(images);
  copyFileSync(join(EXAMPLE, 'synthetic.png'), join(images, 'synthetic.png'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('selenoscan explore', () => {
  it('ranks landers first, walks between the tiles that it is told, and draws every picture', async () => {
    const sun = join(folder, 'sun.json');
    writeFileSync(sun, JSON.stringify({ 'synthetic.png': truth.sunAzimuthDeg }));
    const out = join(folder, 'out');
    const run = await runCli([
      ...['explore', MODEL, images, '--sun', sun, '--out', out, '--json'],
      ...['--top', '5', '--random', '2', '--draws', '1', '--walk', '3', '--cap', '60'],
      ...['--tile', 'synthetic.png:17,33', '--from', 'synthetic.png:64,0', '--to', 'synthetic.png:288,480'],
    ]);
    expect(run.stderr).not.toContain('SunUnknown');
    expect(run.code).toBe(0);
    const result = JSON.parse(run.stdout) as Answer;
    expect(JSON.parse(readFileSync(join(out, 'explore.json'), 'utf8'))).toEqual(result);
    expect(result.images).toMatchObject([{ file: 'synthetic.png', sun_known: true }]);

    const landers = truth.planted.filter(({ kind }) => kind === 'lander');
    for (const { x, y, score, scores } of result.top) {
      expect(
        landers.some(({ line, sample }) => sample >= x && sample < x + 64 && line >= y && line < y + 64),
      ).toBe(true);
      expect(scores[result.drawn_score]).toBe(score);
    }
    expect(result.top.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5]);

    expect(result.reconstructions.map(({ chosen }) => chosen)).toEqual([true, false, false]);
    // A tile off the grid is shown, but has no score.
    expect(result.reconstructions[0]).toMatchObject({ x: 17, y: 33, score: null });
    for (const { rms, drawn_rms: drawn, mu } of result.reconstructions) {
      expect(rms).toBeGreaterThan(0.01);
      expect(rms).toBeLessThan(0.2);
      expect(drawn[0]).not.toBe(rms);
      expect(mu).toHaveLength(result.units.length);
    }
    expect(result.walk).toMatchObject({ side: 3, from: { x: 64, y: 0 }, to: { x: 288, y: 480 } });
    expect(result.walk.step_rms).toHaveLength(8);
    expect(Math.max(...result.walk.step_rms)).toBeLessThan(0.1);
    expect(result.map.tiles).toBe(60);
    expect(result.map.points).toHaveLength(60);
    expect(result.map.points.slice(0, 5).map(({ x, y }) => [x, y])).toEqual(
      result.top.map(({ x, y }) => [x, y]),
    );
    expect(new Set(result.map.points.map(({ x, y }) => `${x},${y}`)).size).toBe(60);

    expect(result.figures.map(({ file }) => file)).toEqual(
      ['top', 'reconstructions', 'walk', 'units', 'traversals', 'map'].map((name) => `${name}.png`),
    );
    for (const { file, width, height } of result.figures) {
      expect(await sharp(join(out, file)).metadata()).toMatchObject({ format: 'png', width, height });
      const isPlot = ['units.png', 'map.png'].includes(file);
      expect(existsSync(join(out, file.replace('.png', '.svg')))).toBe(isPlot);
    }
  }, 300_000);

  it('refuses a tile of an image that is not there before it scans', async () => {
    const run = await runCli(['explore', MODEL, images, '--out', folder, '--tile', 'moon.png:0,0']);
    expect(run.code).toBe(2);
    expect(sentenceOf(run)).toBe(
      'selenoscan: There is no image moon.png among those to explore; name one of synthetic.png.',
    );
  }, 300_000);

  it('says that a picture of a few tiles is too little to explore', async () => {
    const small = join(folder, 'small');
    mkdirSync(small);
    await sharp(join(EXAMPLE, 'synthetic.png'))
      .extract({ left: 0, top: 0, width: 128, height: 96 })
      .toFile(join(small, 'small.png'));
    const run = await runCli(['explore', MODEL, small, '--out', join(folder, 'refused')]);
    expect(run.code).toBe(2);
    expect(sentenceOf(run)).toMatch(
      /has 6 scored tiles, too few to explore; give images with more than 15 tiles/,
    );
  }, 300_000);
});

describe('naming a tile', () => {
  it('takes an image and a pixel, whatever the image is called', () => {
    expect(parsePlace('a:b,c.png:320,64')).toEqual({ image: 'a:b,c.png', x: 320, y: 64 });
    for (const text of ['image.png', 'image.png:1', ':1,2', 'image.png:-1,2', 'image.png:1.5,2'])
      expect(() => parsePlace(text)).toThrow('an image and the upper-left pixel of a tile');
  });
});
