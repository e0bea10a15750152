import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createIsdModel } from '../../src/geo/isd-model.js';
import { createRandom } from '../../src/domain/random.js';
import { distanceM } from '../geo/support.js';

/**
 * Python with SpiceyPy, and with ALE and SciPy: `python3 -m venv .venv && .venv/bin/pip install spiceypy ale scipy`,
 * then SELENOSCAN_PYTHON=.venv/bin/python.
 */
const python = process.env['SELENOSCAN_PYTHON'] ?? 'python3';
const isd = path.resolve('../shared/data/geometry/M103595705LE_isd.json');
const size = { width: 5064, height: 52_224 };
const hasSpice = spawnSync(python, ['-c', 'import spiceypy']).status === 0;
const hasAle =
  spawnSync(python, ['-c', 'import scipy, importlib.metadata as m; m.version("ale")']).status === 0;
if (!hasSpice) console.log(`Left out: ${python} has no SpiceyPy; name one that has in SELENOSCAN_PYTHON.`);
if (!hasAle) console.log(`Left out: ${python} has no ALE or SciPy; name one that has in SELENOSCAN_PYTHON.`);
if (!existsSync(isd)) console.log('Left out: ../shared/data/geometry is not there.');

interface Answer {
  readonly places: readonly (readonly [lon: number, lat: number])[];
  readonly spice?: string;
  readonly ale?: string;
}

/** Metres between our places and those of a script, at random pixels and at the corners of the image. */
function differences(script: string): { readonly answer: Answer; readonly off: readonly number[] } {
  const random = createRandom(5);
  const pixels = Array.from({ length: 2000 }, () => [
    random.uniform() * size.width,
    random.uniform() * size.height,
  ]);
  pixels.push([0, 0], [size.width, 0], [size.width, size.height], [0, size.height]);
  const input = JSON.stringify({ isd, pixels });
  const answer = JSON.parse(
    execFileSync(python, [path.resolve('test/peers', script)], { input }).toString(),
  ) as Answer;
  const model = createIsdModel(JSON.parse(readFileSync(isd, 'utf8')), size);
  const off = pixels.map(([sample = NaN, line = NaN], i) => {
    const [lon, lat] = answer.places[i] ?? [NaN, NaN];
    return distanceM(model.locate({ sample, line }), { lon, lat });
  });
  return { answer, off };
}

describe.skipIf(!hasSpice || !existsSync(isd))('the camera model in CSPICE', () => {
  test('agrees within a centimetre over the whole image', () => {
    const { answer, off } = differences('isd_spice.py');
    console.log(
      `${answer.spice ?? '?'}: at most ${(Math.max(...off) * 1000).toFixed(3)} mm off at ${off.length} pixels`,
    );
    expect(Math.max(...off)).toBeLessThan(0.01);
  });
});

describe.skipIf(!hasAle || !existsSync(isd))('the camera model by rotations of ALE', () => {
  test('agrees within a centimetre over the whole image', () => {
    const { answer, off } = differences('isd_ale.py');
    console.log(
      `ALE ${answer.ale ?? '?'}: at most ${(Math.max(...off) * 1000).toFixed(3)} mm off at ${off.length} pixels`,
    );
    expect(Math.max(...off)).toBeLessThan(0.01);
  });
});
