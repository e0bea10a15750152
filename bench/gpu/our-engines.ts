import { TURNS } from '../../src/domain/turn.js';
import { loadModelFolder } from '../../src/model/load-model-folder.js';
import { createScorer } from '../../src/scoring/engines/create-scorer.js';
import { prepareProcess } from '../../src/scoring/engines/engine-environment.js';
import type { EngineSpec } from '../../src/scoring/engines/engine-spec.js';
import type { Scorer } from '../../src/scoring/scorer.js';
import { shippedModel } from '../shipped-model.js';

/** Something that scores tiles for some seconds and says how many a second it did. */
export interface Runner {
  readonly name: string;
  run(seconds: number): Promise<number>;
  close(): Promise<void>;
}

const WIDTH = 5064;
const LINES = 1024;
const STRIDE = 32;
const SIZE = 64;

/** The shipped model's VAE alone, as the other side has only that: whole strips where the engine takes them. */
export async function openOurs(spec: EngineSpec, batch: number): Promise<Runner> {
  await prepareProcess(spec);
  const folder = shippedModel();
  if (folder === null) throw new Error('models/ holds no model');
  const model = await loadModelFolder(folder);
  const { architecture } = model.manifest;
  const scorer = await createScorer(
    spec,
    {
      ...{ modelPath: model.onnxPath, hardwarePath: null, channels: 1, tileSize: SIZE },
      network: { weightsPath: model.weightsPath, architecture },
    },
    1,
  );
  const score = scorer.scoreStrip ? strips(scorer, batch) : batches(scorer, batch);
  await score();
  return {
    name: spec.engine,
    run: async (seconds) => {
      const started = performance.now();
      let tiles = 0;
      while (performance.now() - started < seconds * 1000) tiles += await score();
      return tiles / ((performance.now() - started) / 1000);
    },
    close: () => scorer.close(),
  };
}

const noise = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7919) % 251);

function strips(scorer: Scorer, batch: number): () => Promise<number> {
  const strip = { width: WIDTH, lines: LINES, pixels: noise(WIDTH * LINES), valid: null };
  const places: { x: number; y: number }[] = [];
  for (let y = 0; y + SIZE <= LINES; y += STRIDE)
    for (let x = 0; x + SIZE <= WIDTH; x += STRIDE) places.push({ x, y });
  const count = places.length;
  const tiles = {
    count,
    x: Int32Array.from(places, ({ x }) => x),
    y: Int32Array.from(places, ({ y }) => y),
    fill: new Uint8Array(count),
    peaks: new Uint8Array(2 * count),
    turns: TURNS.slice(0, 0),
    octant: 0,
  };
  return async () => {
    await scorer.scoreStrip!(strip, tiles, batch);
    return count;
  };
}

function batches(scorer: Scorer, count: number): () => Promise<number> {
  const tiles = { count, pixels: noise(count * SIZE ** 2), valid: new Uint8Array(count * SIZE ** 2).fill(1) };
  return async () => {
    await scorer.score(tiles);
    return count;
  };
}
