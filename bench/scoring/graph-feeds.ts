import { Tensor } from 'onnxruntime-node';
import { createRandom } from '../../src/domain/random.js';
import { CELLS, TRACKS_BRANCH, TRUNK } from '../../src/model/hardware-net.js';
import type { ModelFolder } from '../../src/model/load-model-folder.js';
import { TILE_SIZE } from '../../src/model/architecture.js';
import { multiplyAdds, vaeLayers } from '../../src/model/vae-layers.js';

const AREA = TILE_SIZE * TILE_SIZE;

/** A graph of a model folder and something to run it on. */
export interface Graph {
  readonly name: 'scorer' | 'scorer.int8' | 'hardware' | 'hardware.int8';
  readonly path: string;
  /** A tile, without structural zeros. */
  readonly multiplyAdds: number;
  feeds(batch: number): Record<string, Tensor>;
}

/** The graphs that a folder has. */
export function graphsOf({ manifest, onnxPath, hardwarePath, screening }: ModelFolder): Graph[] {
  const { channels } = manifest.architecture;
  const vae = multiplyAdds(vaeLayers(manifest.architecture));
  const scorerFeeds = (batch: number): Record<string, Tensor> => ({
    tiles: new Tensor('uint8', ground(batch * channels), [batch, channels, TILE_SIZE, TILE_SIZE]),
    valid: new Tensor('uint8', new Uint8Array(batch * AREA).fill(1), [batch, 1, TILE_SIZE, TILE_SIZE]),
  });
  const netFeeds = (batch: number): Record<string, Tensor> => ({
    turned: new Tensor('uint8', ground(batch), [batch, 1, TILE_SIZE, TILE_SIZE]),
    octant: new Tensor('float32', new Float32Array(batch).fill(0.3), [batch]),
  });
  const peak = (batch: number): Tensor => new Tensor('uint8', new Uint8Array(2 * batch).fill(30), [batch, 2]);
  const graphs: Graph[] = [{ name: 'scorer', path: onnxPath, multiplyAdds: vae, feeds: scorerFeeds }];
  if (screening !== null)
    graphs.push({
      name: 'scorer.int8',
      path: screening.scorerPath,
      multiplyAdds: vae,
      feeds: (batch) => ({ ...scorerFeeds(batch), peak: peak(batch) }),
    });
  const net = { multiplyAdds: netMultiplyAdds(), feeds: netFeeds };
  if (hardwarePath !== null) graphs.push({ name: 'hardware', path: hardwarePath, ...net });
  if (screening?.hardwarePath) graphs.push({ name: 'hardware.int8', path: screening.hardwarePath, ...net });
  return graphs;
}

/** Tiles of rolling ground with noise. */
export function ground(tiles: number): Uint8Array {
  const random = createRandom(3);
  return Uint8Array.from({ length: tiles * AREA }, (_, i) => {
    const x = i % TILE_SIZE;
    const y = Math.floor(i / TILE_SIZE);
    return 110 + 30 * Math.sin(x / 9) * Math.cos(y / 13) + 8 * random.normal();
  });
}

/** Of the convolutions; the heads are too small to count. */
function netMultiplyAdds(): number {
  let total = 0;
  let side = TILE_SIZE;
  for (const { inputs, outputs, kernel, stride } of [...TRUNK, ...TRACKS_BRANCH]) {
    side /= stride;
    total += kernel * kernel * inputs * outputs * side * side;
    if (side < CELLS / 2) throw new Error('The learned scorer has no such layer.');
  }
  return total;
}
