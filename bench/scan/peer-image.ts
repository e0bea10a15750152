import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PixelVector } from '../../src/domain/geometry.js';
import { planGrid } from '../../src/tiling/grid.js';
import { benchCache } from '../harness/cache.js';
import { sceneLines, WIDTH } from '../harness/scene.js';
import type { PeerImage } from '../peers/torch-peer.js';

const LINES = 512;

/** Some strips for trials of PyTorch's speed, which does not depend on where tiles peak: in their middles. */
export function peerImageOf(towardsSun: PixelVector): PeerImage {
  const folder = benchCache('tasks');
  const files = { image: join(folder, 'trial.raw'), peaks: join(folder, 'trial.peaks') };
  const grid = planGrid({ width: WIDTH, height: LINES }, { size: 64, strideX: 32, strideY: 32 });
  writeFileSync(files.image, sceneLines(LINES));
  writeFileSync(files.peaks, new Uint8Array(2 * grid.xs.length * grid.ys.length).fill(32));
  const away = { x: -towardsSun.x, y: -towardsSun.y };
  return { ...files, width: WIDTH, xs: [...grid.xs], ys: [...grid.ys], away };
}
