import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createIsdModel } from '../../src/geo/isd-model.js';

/**
 * How many pixels a second the camera model places on one core: `npm run bench -- geo/isd [--isd FILE]`, with the
 * image size `--lines` and `--samples`. Batches of a million, in random order and line by line; median of five.
 */
const { values } = parseArgs({
  options: {
    isd: { type: 'string', default: '../shared/data/geometry/M103595705LE_isd.json' },
    lines: { type: 'string', default: '52224' },
    samples: { type: 'string', default: '5064' },
  },
});
const image = { width: Number(values.samples), height: Number(values.lines) };
const PIXELS = 1_000_000;
const ROUNDS = 5;

const text = readFileSync(values.isd, 'utf8');
const started = performance.now();
const model = createIsdModel(JSON.parse(text), image);
console.log(`camera model read and checked in ${(performance.now() - started).toFixed(0)} ms`);

report('random order', (i) => [hash(2 * i) * image.width, hash(2 * i + 1) * image.height]);
const perLine = Math.ceil(PIXELS / image.height);
report('line by line', (i) => [
  ((i % perLine) + 0.5) * (image.width / perLine),
  Math.floor(i / perLine) + 0.5,
]);
reportSingle();

function report(name: string, pixel: (index: number) => [number, number]): void {
  const pixels = new Float64Array(2 * PIXELS);
  for (let i = 0; i < PIXELS; i++) pixels.set(pixel(i), 2 * i);
  const rates = rounds(() => model.places(pixels), PIXELS);
  console.log(`${name.padEnd(32)} ${rates} pixels/s`);
}

/** With uncertainty and the size of the pixel, as detections are placed. */
function reportSingle(): void {
  const count = PIXELS / 10;
  const rates = rounds(() => {
    for (let i = 0; i < count; i++)
      model.locate({ sample: hash(2 * i) * image.width, line: hash(2 * i + 1) * image.height });
  }, count);
  console.log(`${'one by one with uncertainty'.padEnd(32)} ${rates} pixels/s`);
}

function rounds(work: () => unknown, count: number): string {
  const rates = Array.from({ length: ROUNDS }, () => {
    const from = performance.now();
    work();
    return (count / (performance.now() - from)) * 1000;
  }).sort((a, b) => a - b);
  return Math.round(rates[ROUNDS >> 1] ?? NaN).toLocaleString('en');
}

/** Same numbers in every run, spread over 0..1. */
function hash(index: number): number {
  const x = Math.sin(index * 12.9898) * 43758.5453;
  return x - Math.floor(x);
}
