/**
 * How many pixels a second the camera model places on one core. Batches of a million, in random order and line by
 * line, on the sphere and on terrain; median of five. The terrain is a hilly formula on the grid of SLDEM2015 (512
 * pixels a degree), held in memory as a DEM from a file is.
 *
 * Usage: npm run bench -- geo/isd [--isd FILE] [--lines 52224] [--samples 5064]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createIsdModel, type IsdModel } from '../../src/geo/isd-model.js';
import type { Terrain } from '../../src/geo/terrain.js';
import { BLOCK, planBlocks, terrainOfBlocks } from '../../src/geo/dem-blocks.js';
import { demGrid } from '../../src/geo/dem-grid.js';
import { footprintPlaces } from '../../src/geo/footprint.js';

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

const onTerrain = model.onTerrain(hills());
const random = (i: number): [number, number] => [hash(2 * i) * image.width, hash(2 * i + 1) * image.height];
const perLine = Math.ceil(PIXELS / image.height);
const byLine = (i: number): [number, number] => [
  ((i % perLine) + 0.5) * (image.width / perLine),
  Math.floor(i / perLine) + 0.5,
];
for (const [name, camera] of [
  ['on the sphere', model],
  ['on terrain', onTerrain],
] as const) {
  report(`${name}, random order`, camera, random);
  report(`${name}, line by line`, camera, byLine);
  reportSingle(`${name}, one by one with uncertainty`, camera);
}

function hills(): Terrain {
  const grid = demGrid({
    name: 'hills',
    width: 184_320,
    height: 92_160,
    geoKeys: { GTModelTypeGeoKey: 2, GeogSemiMajorAxisGeoKey: 1_737_400 },
    pixelScale: [1 / 512, 1 / 512],
    tiepoint: [0, 0, 0, 0, 90, 0],
  });
  const stepM = (grid.spacingM * BLOCK) / 2;
  const plan = planBlocks(grid, footprintPlaces(model, image, stepM), stepM + 11_000 * model.obliquity);
  const samples = new Map(
    plan.blocks.map((number) => {
      const [left, top] = [(number % plan.columns) * BLOCK, Math.floor(number / plan.columns) * BLOCK];
      const block = Float32Array.from({ length: BLOCK * BLOCK }, (_, i) => {
        const [column, row] = [left + (i % BLOCK), top + Math.floor(i / BLOCK)];
        return 1500 * Math.sin(column / 40) * Math.cos(row / 55) + 100 * Math.sin(column / 3 + row / 4);
      });
      return [number, block] as const;
    }),
  );
  const terrain = terrainOfBlocks(grid, plan, samples, 10);
  if (terrain === null) throw new Error('There is no terrain under the image.');
  console.log(`terrain of ${plan.blocks.length} blocks of ${BLOCK} x ${BLOCK} heights`);
  return terrain;
}

function report(name: string, camera: IsdModel, pixel: (index: number) => [number, number]): void {
  const pixels = new Float64Array(2 * PIXELS);
  for (let i = 0; i < PIXELS; i++) pixels.set(pixel(i), 2 * i);
  const rates = rounds(() => camera.places(pixels), PIXELS);
  console.log(`${name.padEnd(44)} ${rates} pixels/s`);
}

/** With uncertainty and the size of the pixel, as detections are placed. */
function reportSingle(name: string, camera: IsdModel): void {
  const count = PIXELS / 10;
  const rates = rounds(() => {
    for (let i = 0; i < count; i++)
      camera.locate({ sample: hash(2 * i) * image.width, line: hash(2 * i + 1) * image.height });
  }, count);
  console.log(`${name.padEnd(44)} ${rates} pixels/s`);
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
