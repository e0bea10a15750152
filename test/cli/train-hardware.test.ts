import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { syntheticTerrains } from '../../src/cli/synthetic-terrains.js';
import { LEARNED_NAMES } from '../../src/scoring/normalise.js';
import { runCli, sentenceOf } from '../support/cli.js';
import { STARTER } from '../support/starter.js';
import { tensorFlowIfBuilt } from '../training/support.js';

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-hardware-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A plain picture and the direction towards its Sun. */
async function plainPicture(): Promise<{ images: string; sun: string; file: string; towardsSun: number }> {
  const images = join(folder, 'images');
  mkdirSync(images, { recursive: true });
  const [terrain] = syntheticTerrains(1, 5);
  const { data, width, height, away } = terrain!;
  const file = join(images, 'plain.png');
  await sharp(data, { raw: { width, height, channels: 1 } })
    .extract({ left: 0, top: 0, width: 420, height: 420 })
    .png()
    .toFile(file);
  const towardsSun = ((Math.atan2(-away.x, away.y) * 180) / Math.PI + 360) % 360;
  const sun = join(folder, 'sun.json');
  writeFileSync(sun, JSON.stringify({ 'plain.png': towardsSun }));
  return { images, sun, file, towardsSun };
}

describe('selenoscan train-hardware', () => {
  it('adds a net to a model, which then scores by it', async (context) => {
    if ((await tensorFlowIfBuilt()) === null) return context.skip('TensorFlow is not built');
    const { images, sun, file, towardsSun } = await plainPicture();
    const out = join(folder, 'models');
    const training = ['--steps', '3', '--batch', '4', '--synthetic', '1', '--name', 'tiny'];
    const trained = await runCli([
      ...['train-hardware', STARTER, images, '--out', out, '--sun', sun, '--json'],
      ...training,
    ]);
    expect(trained.stderr).not.toContain('failure');
    expect(trained.code).toBe(0);
    const { model } = JSON.parse(trained.stdout) as { model: string };
    const manifest = JSON.parse(readFileSync(join(model, 'model.json'), 'utf8')) as {
      score: string;
      hardware: { images: string[]; syntheticScenes: number; losses: number[] };
      training: unknown;
    };
    expect(manifest.score).toBe('c');
    expect(manifest.hardware).toMatchObject({ images: ['plain.png'], syntheticScenes: 1 });
    expect(manifest.training).toMatchObject({ seed: 1 });
    expect(readFileSync(join(model, 'card.md'), 'utf8')).toContain('from no image of');

    const tiles = join(folder, 'tiles.csv');
    const scanned = await runCli(['scan', file, '--sun', String(towardsSun), '--tiles', tiles, '--json'], {
      SELENOSCAN_MODEL_PATH: model,
    });
    expect(scanned.code).toBe(0);
    const [header, ...lines] = readFileSync(tiles, 'utf8').trim().split('\n');
    const columns = header!.split(',');
    expect(columns).toEqual(expect.arrayContaining([...LEARNED_NAMES]));
    expect(lines.length).toBeGreaterThan(100);
    for (const line of lines) {
      const values = line.split(',');
      const value = (name: string): number => Number(values[columns.indexOf(name)]);
      for (const name of columns.slice(1)) expect(Number.isFinite(value(name))).toBe(true);
      const mean = (4 * value('z_lander') + 2 * value('z_a') + value('z_bright')) / 7;
      expect(Math.abs(value('c') - mean)).toBeLessThan(1e-4);
    }
  }, 180_000);

  it('says in one sentence which image has no Sun', async (context) => {
    if ((await tensorFlowIfBuilt()) === null) return context.skip('TensorFlow is not built');
    const { images } = await plainPicture();
    const sun = join(folder, 'other-sun.json');
    writeFileSync(sun, JSON.stringify({ 'another.png': 10 }));
    const run = await runCli(['train-hardware', STARTER, images, '--out', folder, '--sun', sun]);
    expect(run.code).toBe(2);
    expect(sentenceOf(run)).toContain('name them there by file name');
  });
});
