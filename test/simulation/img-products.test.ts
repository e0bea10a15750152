import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMPANDINGS, compandTable } from '../../src/simulation/companding.js';
import { writeCdr } from '../../src/simulation/write-cdr.js';
import { writeEdr } from '../../src/simulation/write-edr.js';
import { fakeScene, PRODUCT, wildRadiance } from './fake-scene.js';
import { scene } from './scenes.js';

const LABELS = join(import.meta.dirname, '../../../shared/data/labels');
const hasReal = existsSync(LABELS);
if (!hasReal) console.log(`skipped: no real labels at ${LABELS}`);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulation-img-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Keywords of a PDS3 label in their order. */
function keywords(label: string): string[] {
  const end = label.search(/^END\s*$/m);
  const text = label.slice(0, end).replace(/"[^"]*"/g, '""');
  return [...text.matchAll(/^\s*(\^?[\w:]+)\s*=/gm)].map((match) => match[1]!);
}

/** Names of the elements of an XML document in their order, from `from` to the end of `to`. */
function elements(xml: string, name: string): string[] {
  const inside = xml
    .slice(xml.indexOf(`<${name}>`), xml.indexOf(`</${name}>`))
    .replace(/<!--[\s\S]*?-->/g, '');
  return [...inside.matchAll(/<([\w:]+)/g)].map((match) => match[1]!);
}

function keywordOf(label: string, keyword: string): string | undefined {
  return new RegExp(`^\\s*${keyword.replace('^', '\\^')}\\s*= (.*?)\\r?$`, 'm').exec(label)?.[1];
}

describe('a raw product', () => {
  it('has one record a line behind whole records of label, and says so', async () => {
    const path = join(folder, 'M1LE.IMG');
    await writeEdr(path, fakeScene(5064, 12, wildRadiance), PRODUCT);
    const file = readFileSync(path);
    const label = file.toString('latin1', 0, 5064);
    expect(file).toHaveLength(13 * 5064);
    expect(
      ['RECORD_BYTES', 'FILE_RECORDS', 'LABEL_RECORDS', '^IMAGE'].map((key) => keywordOf(label, key)),
    ).toEqual(['5064', '13', '1', '2']);
    const md5 = createHash('md5').update(file.subarray(5064)).digest('hex');
    expect(keywordOf(label, 'MD5_CHECKSUM')).toBe(`"${md5}"`);
  });

  it('takes more records for its label where lines are short', async () => {
    const path = join(folder, 'M2LE.IMG');
    await writeEdr(path, fakeScene(90, 5, wildRadiance), PRODUCT);
    const file = readFileSync(path);
    const records = Number(keywordOf(file.toString('latin1'), 'LABEL_RECORDS'));
    expect(file).toHaveLength((records + 5) * 90);
    expect(file.toString('latin1', 0, records * 90)).toMatch(/\r\nEND\r\n *$/);
  });

  it('holds 12-bit samples companded, with a bias, and zeros where telemetry was lost', async () => {
    const path = join(folder, 'M3LE.IMG');
    const lost = [{ x: 3, y: 1, width: 4, height: 2 }];
    await writeEdr(
      path,
      fakeScene(5064, 4, (sample) => (sample < 100 ? 0 : sample < 200 ? 1 : 50)),
      { ...PRODUCT, lost },
    );
    const pixels = readFileSync(path).subarray(5064);
    // Masked columns of real products stand at code 18.
    expect(pixels[0]).toBe(18);
    expect(pixels[150]).toBe(compandTable(COMPANDINGS[0])[442]);
    expect(pixels[300]).toBe(255);
    expect([...pixels.subarray(5064, 5064 + 9)]).toEqual([18, 18, 18, 0, 0, 0, 0, 18, 18]);
    expect(pixels[3 * 5064 + 4]).toBe(18);
  });

  it.skipIf(!hasReal)('carries the keywords of the real ones, in their order', async () => {
    const path = join(folder, 'M4LE.IMG');
    await writeEdr(path, fakeScene(5064, 2, wildRadiance), PRODUCT);
    const real = readFileSync(join(LABELS, 'M103595705LE_EDR_pds3.lbl'), 'latin1');
    expect(keywords(readFileSync(path, 'latin1'))).toEqual(keywords(real));
  });
});

describe('a calibrated product', () => {
  it('has two records a line, special values, and a second label that agrees', async () => {
    const path = join(folder, 'M5LC.IMG');
    const lost = [{ x: 0, y: 0, width: 2, height: 1 }];
    const radiances = [1, 1, 1, 0, -0.001, 50, -1];
    await writeCdr(
      path,
      fakeScene(5064, 3, (sample) => radiances[sample] ?? 1),
      { ...PRODUCT, lost },
    );
    const file = readFileSync(path);
    expect(file).toHaveLength(5064 * 7);
    const stored = Array.from({ length: 7 }, (_, i) => file.readInt16LE(5064 + 2 * i));
    // Level ground of reflectance 0.6 x 0.1.
    expect(stored).toEqual([-32768, -32768, 1966, 0, -2, -32765, -32766]);
    const xml = readFileSync(path.replace('.IMG', '.xml'), 'utf8');
    expect(xml).toContain(`<md5_checksum>${createHash('md5').update(file).digest('hex')}</md5_checksum>`);
    expect(xml).toContain(`<file_size unit="byte">${file.length}</file_size>`);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it.skipIf(!hasReal)('carries the elements of the real PDS4 label, in their order', async () => {
    const path = join(folder, 'M6LC.IMG');
    await writeCdr(path, fakeScene(5064, 2, wildRadiance), PRODUCT);
    const made = readFileSync(path.replace('.IMG', '.xml'), 'utf8');
    const real = readFileSync(join(LABELS, 'nac.m1271742202lc_cdr.xml'), 'utf8');
    for (const part of ['Time_Coordinates', 'Mission_Area', 'Discipline_Area', 'File_Area_Observational']) {
      expect(elements(made, part), part).toEqual(elements(real, part));
    }
  });
});

describe('what a camera measures', () => {
  it('is what it shows, before the stretch', () => {
    const one = scene({ seed: 14, lines: 600, samples: 500 });
    const shown = one.render(0, 600);
    const measured = one.measure(0, 600);
    // Of two grey levels that are apart, the brighter one was measured brighter.
    const ranges = new Map<number, [number, number]>();
    shown.forEach((level, i) => {
      const [low, high] = ranges.get(level) ?? [Infinity, -Infinity];
      ranges.set(level, [Math.min(low, measured[i]!), Math.max(high, measured[i]!)]);
    });
    const levels = [...ranges.keys()].sort((a, b) => a - b);
    levels.slice(1).forEach((level, n) => {
      expect(ranges.get(level)![0]).toBeGreaterThanOrEqual(ranges.get(levels[n]!)![1]);
    });
    expect(new Set(measured).size).toBeGreaterThan(20_000);
  });

  it('is dark in masked columns and does not depend on the banding', () => {
    const one = scene({ lines: 400, samples: 5064, frame: 'RIGHT', landers: 0 });
    const band = one.measure(100, 4);
    expect(Math.abs(band[0]!)).toBeLessThan(0.05);
    expect(band[2500]!).toBeGreaterThan(0.2);
    expect(
      Buffer.compare(
        Buffer.from(one.measure(98, 8).slice(2 * 5064, 6 * 5064).buffer),
        Buffer.from(band.buffer),
      ),
    ).toBe(0);
  });
});
