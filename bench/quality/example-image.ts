/**
 * Writes the picture that the README scans: a synthetic scene of 800 x 800 pixels with six planted landers
 * and other hardware, and beside it their places, also as labels for `evaluate`. Usage: npm run bench -- quality/example-image
 */
import { mkdir, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { planScene } from '../../src/simulation/scene.js';

const SIZE = 800;
const FOLDER = 'docs/example';
/** Degrees clockwise from up. */
const SUN_AZIMUTH = 300;

const radians = (SUN_AZIMUTH * Math.PI) / 180;
const scene = planScene({
  seed: 20,
  lines: SIZE,
  samples: SIZE,
  terrain: 'smooth',
  towardsSun: { x: Math.sin(radians), y: -Math.cos(radians) },
  incidenceDeg: 66,
  pixelAcrossM: 0.9,
  pixelAlongM: 0.9,
  frame: 'LEFT',
  landers: 6,
});
await mkdir(FOLDER, { recursive: true });
const pixels = scene.render(0, SIZE);
await sharp(pixels, { raw: { width: SIZE, height: SIZE, channels: 1 } })
  .toColourspace('b-w')
  .png({ compressionLevel: 9 })
  .toFile(`${FOLDER}/synthetic.png`);
await writeFile(
  `${FOLDER}/synthetic.truth.json`,
  `${JSON.stringify({ sunAzimuthDeg: SUN_AZIMUTH, planted: scene.truth }, null, 2)}\n`,
);
const labels = scene.truth.map(({ kind, sample, line }) =>
  ['synthetic.png', sample.toFixed(1), line.toFixed(1), kind, SUN_AZIMUTH].join(),
);
await writeFile(`${FOLDER}/synthetic.labels.csv`, ['product_id,x,y,class,sun', ...labels, ''].join('\n'));
