/**
 * Injected objects beside their plain tiles, to judge by eye, four times enlarged. On the real crops, or with
 * `--synthetic` on synthetic ground (as in the documents).
 *
 * Usage: npm run bench -- quality/contact-sheet --out X.png [--synthetic] [--seed N] [--each 10]
 */
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { dataFolder, readCrops } from './crops.js';
import { injectObjects, type Injected, type Kind, type Scenery } from './injections.js';
import { syntheticGround } from './synthetic-ground.js';

const TILE = 64;
const ZOOM = 3;
const GAP = 4;
const KINDS: readonly Kind[] = ['lander', 'large lander', 'rover', 'debris', 'tracks', 'boulder'];

const { values: o } = parseArgs({
  options: {
    out: { type: 'string' },
    synthetic: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    each: { type: 'string', default: '8' },
  },
});
if (o.out === undefined) throw new Error('name the picture: --out X.png');
const each = Number(o.each);
const scenes: readonly Scenery[] = o.synthetic
  ? syntheticGround()
  : ((await readCrops(dataFolder(process.cwd()))) ?? []);
const side = TILE * ZOOM;
const parts: { input: Buffer; left: number; top: number }[] = [];
for (const [row, kind] of KINDS.entries()) {
  for (let n = 0; n < each; n++) {
    const scene = scenes[(n * 5 + row) % scenes.length]!;
    const one = { lander: 0, 'large lander': 0, rover: 0, debris: 0, tracks: 0, boulder: 0, [kind]: 1 };
    const [made] = injectObjects(scene, one, Number(o.seed));
    const object = made?.objects[n % made.objects.length];
    if (made === undefined || object === undefined) continue;
    const left = n * (2 * side + 3 * GAP);
    const top = row * (side + GAP);
    parts.push({ input: await tile(scene, scene.data, object), left, top });
    parts.push({ input: await tile(scene, made.data, object), left: left + side + GAP, top });
  }
}
await sharp({
  create: {
    width: each * (2 * side + 3 * GAP),
    height: KINDS.length * (side + GAP),
    channels: 3,
    background: '#602020',
  },
})
  .composite(parts)
  .png({ compressionLevel: 9 })
  .toFile(o.out);

function tile({ width, height }: Scenery, data: Uint8Array, { x, y }: Injected): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 1 } })
    .extract({
      left: Math.min(Math.max(0, Math.round(x) - TILE / 2), width - TILE),
      top: Math.min(Math.max(0, Math.round(y) - TILE / 2), height - TILE),
      width: TILE,
      height: TILE,
    })
    .resize(side, side, { kernel: 'nearest' })
    .toColourspace('b-w')
    .png()
    .toBuffer();
}
