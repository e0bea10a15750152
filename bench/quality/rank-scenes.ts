/**
 * Writes synthetic images with planted hardware for `selenoscan rank`: smooth and rugged terrain in turn, light
 * from all sides, two landers and other hardware in every fourth image and none in the others; beside them
 * labels.csv and sun.json.
 * Usage: npm run bench -- quality/rank-scenes FOLDER [images]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { planScene } from '../../src/simulation/scene.js';

const SIZE = 1024;
const [folder = 'rank-scenes', images = '16'] = process.argv.slice(2);

await mkdir(folder, { recursive: true });
const labels = ['product_id,x,y,class'];
const sun: Record<string, number> = {};
for (let n = 0; n < Number(images); n++) {
  const azimuth = (23 + 67 * n) % 360;
  const radians = (azimuth * Math.PI) / 180;
  const scene = planScene({
    seed: 900 + n,
    lines: SIZE,
    samples: SIZE,
    terrain: n % 2 === 0 ? 'smooth' : 'rugged',
    towardsSun: { x: Math.sin(radians), y: -Math.cos(radians) },
    incidenceDeg: 45 + ((n * 7) % 30),
    pixelAcrossM: 0.8,
    pixelAlongM: 0.8,
    frame: 'LEFT',
    landers: n % 4 === 1 || n % 8 === 6 ? 2 : 0,
  });
  const file = `scene-${String(n).padStart(2, '0')}.png`;
  const picture = sharp(scene.render(0, SIZE), { raw: { width: SIZE, height: SIZE, channels: 1 } });
  await picture.toColourspace('b-w').png({ compressionLevel: 9 }).toFile(join(folder, file));
  sun[file] = azimuth;
  for (const { kind, sample, line } of scene.truth)
    if (kind !== 'crater') labels.push([file, sample.toFixed(1), line.toFixed(1), kind].join());
  console.log(`${file}: ${scene.truth.map(({ kind }) => kind).join(', ') || 'plain'}`);
}
await writeFile(join(folder, 'labels.csv'), `${labels.join('\n')}\n`);
await writeFile(join(folder, 'sun.json'), `${JSON.stringify(sun, null, 1)}\n`);
