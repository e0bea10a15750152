/**
 * Writes the pictures that docs/explore.md explores: four synthetic scenes of 640 x 640 pixels, smooth and rugged,
 * with two landers each, and the directions towards the Sun. Usage: npm run bench -- quality/explore-images DIR
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { planScene } from '../../src/simulation/scene.js';

const SIZE = 640;
/** Degrees clockwise from up, and from the vertical. */
const SCENES = [
  { name: 'smooth-1.png', terrain: 'smooth', azimuth: 300, incidence: 66 },
  { name: 'smooth-2.png', terrain: 'smooth', azimuth: 75, incidence: 48 },
  { name: 'rugged-1.png', terrain: 'rugged', azimuth: 285, incidence: 60 },
  { name: 'rugged-2.png', terrain: 'rugged', azimuth: 100, incidence: 70 },
] as const;

const folder = process.argv[2];
if (folder === undefined) {
  console.error('usage: explore-images DIR');
  process.exit(2);
}
await mkdir(folder, { recursive: true });
for (const [n, { name, terrain, azimuth, incidence }] of SCENES.entries()) {
  const angle = (azimuth * Math.PI) / 180;
  const scene = planScene({
    seed: 60 + n,
    lines: SIZE,
    samples: SIZE,
    terrain,
    towardsSun: { x: Math.sin(angle), y: -Math.cos(angle) },
    incidenceDeg: incidence,
    pixelAcrossM: 0.9,
    pixelAlongM: 0.9,
    frame: 'LEFT',
    landers: 2,
  });
  await sharp(scene.render(0, SIZE), { raw: { width: SIZE, height: SIZE, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toFile(join(folder, name));
}
const sun = Object.fromEntries(SCENES.map(({ name, azimuth }) => [name, azimuth]));
await writeFile(join(folder, 'sun.json'), `${JSON.stringify(sun)}\n`);
