import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { StacScene } from '../../src/exports/stac/scene.js';
import { writeStac } from '../../src/exports/stac/write-stac.js';
import { PROVENANCE, sampleLayer } from '../exports/samples.js';
import { SCENE } from '../exports/scene-sample.js';
import { squareAround } from '../store/samples.js';

/** Python with PySTAC: `python3 -m venv .venv && .venv/bin/pip install pystac jsonschema`, then SELENOSCAN_PYTHON=.venv/bin/python. */
const python = process.env['SELENOSCAN_PYTHON'] ?? 'python3';
const hasPystac = spawnSync(python, ['-c', 'import pystac, jsonschema']).status === 0;
if (!hasPystac)
  console.log(`Left out: ${python} has no PySTAC and jsonschema; name one that has in SELENOSCAN_PYTHON.`);

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-stac-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const VALUES = { score: 6, note: null, seen: new Date(0), day: null, scores: {}, known: true };
const SCENES: readonly StacScene[] = [
  { ...SCENE, detections: sampleLayer([{ values: { id: 1, ...VALUES }, at: [22, 19] }]) },
  { ...SCENE, productId: 'M1271742203LC', geometry: squareAround(-179.9, 3, 0.1), stopTime: null },
  { ...SCENE, productId: 'M1271742204LC', geometry: null, sourceBytes: null, sourceChecksum: null },
];

async function* scenes(): AsyncGenerator<StacScene> {
  for (const scene of SCENES) yield await Promise.resolve(scene);
}

describe.skipIf(!hasPystac)('a STAC catalogue in PySTAC', () => {
  test('is valid by the schemas of the specification, and tells what was put in', async () => {
    const path = join(folder, 'catalogue');
    await writeStac(path, scenes(), PROVENANCE);
    const answer = execFileSync(python, [resolve('test/peers/stac.py'), path], { encoding: 'utf8' });
    const { pystac, faults, items } = JSON.parse(answer) as {
      pystac: string;
      faults: string[];
      items: unknown[];
    };
    console.log(`PySTAC ${pystac}: ${items.length} items, ${faults.length} faults`);
    expect(faults).toEqual([]);
    const [first, second, third] = items;
    expect(first).toMatchObject({
      id: 'M1271742202LC',
      datetime: '2026-04-10T01:28:54.845000+00:00',
      sun_elevation: expect.closeTo(60.05, 9) as number,
      off_nadir: 1.69,
      shape: [52224, 5064],
      size: 37,
      checksum: `1220${'0a'.repeat(32)}`,
      detections: 1,
    });
    expect(second).toMatchObject({ detections: 0 });
    expect(third).toMatchObject({ bbox: null, size: null, checksum: null });
  });

  test('is found not to be where it is not', async () => {
    const path = join(folder, 'broken');
    const broken = { ...SCENE, offNadirDeg: null, sourceUrl: '', productId: 'x' };
    async function* one(): AsyncGenerator<StacScene> {
      yield await Promise.resolve(broken);
    }
    await writeStac(path, one(), PROVENANCE);
    const { faults } = JSON.parse(
      execFileSync(python, [resolve('test/peers/stac.py'), path], { encoding: 'utf8' }),
    ) as { faults: string[] };
    expect(faults.join()).toMatch(/href/);
  });
});
