import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, sentenceOf } from '../support/cli.js';

const BIN = fileURLToPath(new URL('../../bin/selenoscan.js', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-misuse-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

describe('selenoscan scan looks before it works', () => {
  beforeAll(async () => {
    const noise = { type: 'gaussian', mean: 120, sigma: 12 } as const;
    const create = { width: 128, height: 128, channels: 3, background: '#777', noise } as const;
    writeFileSync(at('image.png'), await sharp({ create }).png().toBuffer());
    writeFileSync(at('page.tif'), '<!DOCTYPE html><html></html>');
  });

  it.each(['missing.tif', 'page.tif'])('tells of %s before it opens an engine', async (name) => {
    const run = await runCli(['scan', at(name)]);
    expect(run.code).toBe(1);
    expect(sentenceOf(run)).toContain(name);
    expect(run.stderr).not.toContain('Engine:');
  });

  it.each([
    ['', /An image without a name was given/],
    ['ftp://host/image.tif', /addresses of ftp are not read; give a path, or an http address\./],
  ])('refuses %j as an image', async (given, sentence) => {
    const run = await runCli(['scan', given]);
    expect(run.code).toBe(2);
    expect(sentenceOf(run)).toMatch(sentence);
  });

  it('does not write a table of tiles over its image', async () => {
    const before = readFileSync(at('image.png'));
    const run = await runCli(['scan', at('image.png'), '--tiles', join(folder, '.', 'image.png')]);
    expect(run.code).toBe(2);
    expect(sentenceOf(run)).toMatch(/--tiles .*image\.png would take the place of .*; give another name\./);
    expect(readFileSync(at('image.png')).equals(before)).toBe(true);
  });

  it('does not write detections and tiles into one file', async () => {
    const run = await runCli(['scan', at('image.png'), '--out', at('both.csv'), '--tiles', at('both.csv')]);
    expect(run.code).toBe(2);
    expect(sentenceOf(run)).toMatch(/--tiles .*both\.csv would take the place of/);
  });

  it('leaves an earlier table of tiles where a scan fails', async () => {
    writeFileSync(at('tiles.csv'), 'earlier');
    const run = await runCli(['scan', at('page.tif'), '--tiles', at('tiles.csv')]);
    expect(run.code).toBe(1);
    expect(readFileSync(at('tiles.csv'), 'utf8')).toBe('earlier');
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('does not put detections in the place of a folder, nor below a file', async () => {
    mkdirSync(at('kept.csv'));
    writeFileSync(at('kept.csv/notes'), '');
    const kept = await runCli(['scan', at('image.png'), '--out', at('kept.csv')]);
    expect(kept.code).toBe(2);
    expect(sentenceOf(kept)).toMatch(/kept\.csv is a folder that holds other things/);
    expect(readdirSync(at('kept.csv'))).toEqual(['notes']);
    const below = await runCli(['scan', at('image.png'), '--out', join(at('image.png'), 'x.csv')]);
    expect(below.code).toBe(2);
    expect(sentenceOf(below)).toMatch(/its folder is not there or cannot be written/);
  });
});

describe('selenoscan', () => {
  it('run --once looks for the folder of images before it makes a database', async () => {
    const run = await runCli(['run', '--once', '--embedded', at('database')], {
      SELENOSCAN_ARCHIVE_SOURCE: 'folder',
      SELENOSCAN_ARCHIVE_FOLDER: at('nowhere'),
    });
    expect(run.code).toBe(1);
    expect(sentenceOf(run)).toMatch(/There is no folder .*nowhere; check archive\.folder/);
    expect(existsSync(at('database'))).toBe(false);
  });

  it('does not take an empty --config for none', async () => {
    const run = await runCli(['check', '--archive', '--config', '']);
    expect(run.code).toBe(2);
    expect(sentenceOf(run)).toMatch(/--config names no file; give its path, or leave --config out/);
  });

  it('says how an alert without a target gets one', async () => {
    const run = await runCli(['alerts', 'add', 'lander', '--channel', 'webhook']);
    expect(run.code).toBe(2);
    expect(sentenceOf(run)).toMatch(/target is missing: say where to send it, by --url or --url-secret/);
  });

  it.runIf(existsSync('/dev/full'))('fails where its answer cannot be written', () => {
    const run = spawnSync('sh', ['-c', `"${process.execPath}" "${BIN}" check --defaults > /dev/full`]);
    expect(run.status).toBe(1);
    expect(run.stderr.toString()).toMatch(/^selenoscan: The standard output cannot be used .*disk is full/);
  });
});
