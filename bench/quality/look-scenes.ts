/**
 * Puts crops of real NAC images and of synthetic scenes side by side, to judge by eye:
 * `node look-scenes.js REAL_DIR OUT.png [seed]`. Real crops on the left of each pair, synthetic on the right.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { planScene, type SceneSpec } from '../../src/simulation/scene.js';

const CROP = 400;
const ZOOM = 2;
const GAP = 12;
/** Real crops and the like of them: file, left, top, terrain, incidence, direction towards the Sun in degrees. */
const PAIRS: readonly [string, number, number, SceneSpec['terrain'], number, number][] = [
  ['M143947267L', 0, 0, 'rugged', 40, 200],
  ['M1183658592', 200, 200, 'smooth', 62, 30],
  ['M161142858', 0, 300, 'smooth', 65, 0],
  ['M115143943', 300, 300, 'smooth', 76, 10],
  ['M134022629', 0, 0, 'rugged', 70, 180],
  ['M1155395732', 400, 400, 'rugged', 78, 0],
  ['M1266003170', 200, 200, 'smooth', 25, 120],
  ['M1231933714', 0, 0, 'rugged', 80, 0],
];

const [directory, out, seed] = process.argv.slice(2);
if (directory === undefined || out === undefined) {
  console.error('usage: look-scenes REAL_DIR OUT.png [seed]');
  process.exit(2);
}
const files = await readdir(directory);
const side = CROP * ZOOM;
const parts: { input: Buffer; left: number; top: number }[] = [];
for (const [n, [name, left, top, terrain, incidenceDeg, sun]] of PAIRS.entries()) {
  const file = files.find((candidate) => candidate.startsWith(name) && candidate.endsWith('.png'));
  if (file === undefined) throw new Error(`no crop of ${name} in ${directory}`);
  const x = (n % 2) * 2 * (side + GAP);
  const y = Math.floor(n / 2) * (side + GAP);
  const real = sharp(join(directory, file)).extract({ left, top, width: CROP, height: CROP }).greyscale();
  parts.push({ input: await enlarged(real), left: x, top: y });
  parts.push({ input: await synthetic(terrain, incidenceDeg, sun, n), left: x + side + GAP, top: y });
}
await sharp({
  create: {
    width: 4 * (side + GAP),
    height: Math.ceil(PAIRS.length / 2) * (side + GAP),
    channels: 3,
    background: '#602020',
  },
})
  .composite(parts)
  .png()
  .toFile(out);

async function synthetic(
  terrain: SceneSpec['terrain'],
  incidenceDeg: number,
  sun: number,
  n: number,
): Promise<Buffer> {
  const angle = (sun * Math.PI) / 180;
  const scene = planScene({
    seed: Number(seed ?? 1) * 100 + n,
    lines: 1200,
    samples: 1200,
    terrain,
    towardsSun: { x: Math.cos(angle), y: Math.sin(angle) },
    incidenceDeg,
    pixelAcrossM: 1,
    pixelAlongM: 1,
    frame: 'LEFT',
    landers: 3,
  });
  const lander = scene.truth.find((object) => object.kind === 'lander');
  const left = Math.max(0, Math.min(1200 - CROP, Math.round((lander?.sample ?? 0) - CROP / 2)));
  const top = Math.max(0, Math.min(1200 - CROP, Math.round((lander?.line ?? 0) - CROP / 2)));
  const raw = { width: 1200, height: 1200, channels: 1 as const };
  const pixels = sharp(scene.render(0, 1200), { raw });
  return enlarged(pixels.extract({ left, top, width: CROP, height: CROP }));
}

function enlarged(image: Sharp): Promise<Buffer> {
  return image.resize(side, side, { kernel: 'nearest' }).png().toBuffer();
}
