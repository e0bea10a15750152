import { SQUARE_VALUES, SQUARES } from '../../../model/export-openvino-net.js';
import { BODIES, CELLS, TRACK_CELLS } from '../../../model/hardware-net.js';
import { type Architecture, TILE_SIZE } from '../../../model/architecture.js';
import type { Port, Ports, Stage } from './network.js';

const bytes = (...shape: number[]): Port => ({ type: 'uint8', shape });
const floats = (...shape: number[]): Port => ({ type: 'float', shape });

const CELL_LOGITS: Ports = {
  bodies: floats(BODIES.length, CELLS, CELLS),
  tracks: floats(1, TRACK_CELLS, TRACK_CELLS),
};

/** The graph of `exportOpenVinoScorer`, in fp32. */
export function scorerStage({ channels, latent }: Architecture, graph: Uint8Array): Stage {
  return {
    ...{ graph, precision: 'fp32' },
    inputs: {
      tiles: bytes(channels, TILE_SIZE, TILE_SIZE),
      valid: bytes(1, TILE_SIZE, TILE_SIZE),
      peak: bytes(2),
    },
    outputs: {
      ...{ l2: floats(), mu_norm: floats(), bright: floats(), bright_peak: floats() },
      mu: floats(latent),
      reconstruction: floats(channels, TILE_SIZE, TILE_SIZE),
    },
  };
}

/** The graph of `exportHardwareNet`, in fp32. */
export function netStage(graph: Uint8Array): Stage {
  return {
    ...{ graph, precision: 'fp32', outputs: CELL_LOGITS },
    inputs: { turned: bytes(1, TILE_SIZE, TILE_SIZE), octant: floats() },
  };
}

/** The graph of `exportOpenVinoNet`, in bf16. */
export function screenedNetStage(graph: Uint8Array, tracks: boolean): Stage {
  return {
    ...{
      graph,
      precision: 'bf16',
      outputs: { tops: floats(BODIES.length), ...(tracks && { topTracks: floats() }) },
    },
    inputs: { planes: { type: 'bfloat16', shape: [SQUARES, SQUARES, SQUARE_VALUES] } },
  };
}
