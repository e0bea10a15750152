import { readFile } from 'node:fs/promises';
import { letOthersRun } from '../../../domain/let-others-run.js';
import { exportHardwareNet } from '../../../model/export-hardware.js';
import { exportOpenVinoScorer } from '../../../model/export-openvino.js';
import { BODIES, CELLS, TRACK_CELLS } from '../../../model/hardware-net.js';
import { locateTensors } from '../../../model/safetensors.js';
import { type Architecture, TILE_SIZE } from '../../../model/vae.js';
import type {
  CellLogits,
  EngineInfo,
  Explanation,
  PeakScores,
  Scorer,
  TileBatch,
  TurnedBatch,
  VaeScores,
} from '../../scorer.js';
import { Core, type Precision } from './core.js';
import { Network, type Ports } from './network.js';

const SCORE_OUTPUTS = ['l2', 'mu_norm', 'bright', 'reconstruction'] as const;
const PEAK_OUTPUTS = ['l2', 'mu_norm', 'bright', 'bright_peak'] as const;
const NET_OUTPUTS = ['bodies', 'tracks'] as const;

type ScorerNetwork = Network<
  'tiles' | 'valid' | 'peak',
  (typeof SCORE_OUTPUTS)[number] | 'bright_peak' | 'mu'
>;
type ScreenNetwork = Network<'tiles' | 'valid' | 'peak', (typeof PEAK_OUTPUTS)[number]>;
type HardwareNetwork = Network<'turned' | 'octant', (typeof NET_OUTPUTS)[number]>;

export interface OpenVinoOptions {
  readonly network: { readonly weightsPath: string; readonly architecture: Architecture };
  /** Whether the model has a learned scorer. */
  readonly hardware: boolean;
  /** Whether tiles are to be screened: in bf16, on CPUs that have it. */
  readonly screening: boolean;
  /** Of the CPU. */
  readonly threads: number;
}

/**
 * A model on OpenVINO on the CPU, in fp32 with the outputs of the ONNX graphs, and in bf16 to screen with. It computes
 * in the thread that calls, which looks after its other work between two calls.
 *
 * @throws OperationalError where OpenVINO is not installed or does not take a graph
 */
export async function createOpenVinoScorer(o: OpenVinoOptions): Promise<Scorer> {
  const { weightsPath, architecture } = o.network;
  const file = await readFile(weightsPath);
  const tensors = locateTensors(file, weightsPath);
  const scorer = exportOpenVinoScorer(architecture, tensors, file);
  const net = o.hardware ? exportHardwareNet(tensors, file) : null;
  return new OpenVinoScorer(new Core(), { scorer, net }, o);
}

interface Graphs {
  readonly scorer: Uint8Array;
  readonly net: Uint8Array | null;
}

class OpenVinoScorer implements Scorer {
  readonly info: EngineInfo;
  readonly hardware?: (batch: TurnedBatch) => Promise<CellLogits>;
  readonly screen?: (batch: TileBatch, peaks: Uint8Array) => Promise<PeakScores>;
  readonly screenHardware?: (batch: TurnedBatch) => Promise<CellLogits>;
  readonly #core: Core;
  readonly #scorer: ScorerNetwork;
  readonly #others: { close(): void }[] = [];
  /** Where nobody asks for a peak. */
  #noPeaks = new Uint8Array(0);

  constructor(core: Core, graphs: Graphs, o: OpenVinoOptions) {
    this.#core = core;
    this.info = { engine: 'openvino', device: 'cpu', version: core.version };
    const { architecture } = o.network;
    const inputs = {
      tiles: { type: 'uint8', shape: [architecture.channels, TILE_SIZE, TILE_SIZE] },
      valid: { type: 'uint8', shape: [1, TILE_SIZE, TILE_SIZE] },
      peak: { type: 'uint8', shape: [2] },
    } as const;
    const number = { type: 'float', shape: [] } as const;
    const scores = { l2: number, mu_norm: number, bright: number, bright_peak: number };
    const { threads } = o;
    this.#scorer = new Network(core, {
      ...{ precision: 'fp32', threads, inputs },
      outputs: {
        ...scores,
        mu: { type: 'float', shape: [architecture.latent] },
        reconstruction: { type: 'float', shape: inputs.tiles.shape },
      },
      graph: graphs.scorer,
    });
    const cells = (graph: Uint8Array, precision: Precision): NonNullable<Scorer['hardware']> => {
      const net = this.#kept(hardwareNetwork(core, graph, precision, threads));
      return (batch) => logitsOf(net, batch);
    };
    if (graphs.net) this.hardware = cells(graphs.net, 'fp32');
    if (!o.screening || !core.hasBf16()) return;
    const screen: ScreenNetwork = this.#kept(
      new Network(core, {
        ...{ precision: 'bf16', threads, inputs, outputs: scores },
        graph: graphs.scorer,
      }),
    );
    this.screen = (batch, peaks) => peakScores(screen, batch, peaks);
    if (graphs.net) this.screenHardware = cells(graphs.net, 'bf16');
  }

  async score({ count, pixels, valid }: TileBatch): Promise<VaeScores> {
    await letOthersRun();
    const inputs = { tiles: pixels, valid, peak: this.#peaksFor(count) };
    return scoresOf(this.#scorer.run(count, inputs, SCORE_OUTPUTS));
  }

  async explain({ count, pixels, valid }: TileBatch): Promise<Explanation> {
    await letOthersRun();
    const inputs = { tiles: pixels, valid, peak: this.#peaksFor(count) };
    const found = this.#scorer.run(count, inputs, [...SCORE_OUTPUTS, 'mu'] as const);
    return { ...scoresOf(found), mu: found.mu };
  }

  scoreAt(batch: TileBatch, peaks: Uint8Array): Promise<PeakScores> {
    return peakScores(this.#scorer, batch, peaks);
  }

  close(): Promise<void> {
    this.#scorer.close();
    for (const network of this.#others) network.close();
    this.#core.close();
    return Promise.resolve();
  }

  #kept<N extends { close(): void }>(network: N): N {
    this.#others.push(network);
    return network;
  }

  #peaksFor(count: number): Uint8Array {
    if (this.#noPeaks.length < 2 * count) this.#noPeaks = new Uint8Array(2 * count);
    return this.#noPeaks;
  }
}

function hardwareNetwork(
  core: Core,
  graph: Uint8Array,
  precision: Precision,
  threads: number,
): HardwareNetwork {
  const outputs: Ports<(typeof NET_OUTPUTS)[number]> = {
    bodies: { type: 'float', shape: [BODIES.length, CELLS, CELLS] },
    tracks: { type: 'float', shape: [1, TRACK_CELLS, TRACK_CELLS] },
  };
  return new Network(core, {
    ...{ precision, threads, outputs },
    inputs: {
      turned: { type: 'uint8', shape: [1, TILE_SIZE, TILE_SIZE] },
      octant: { type: 'float', shape: [] },
    },
    graph,
  });
}

async function peakScores(
  network: ScreenNetwork,
  { count, pixels, valid }: TileBatch,
  peaks: Uint8Array,
): Promise<PeakScores> {
  await letOthersRun();
  const inputs = { tiles: pixels, valid, peak: peaks };
  const found = network.run(count, inputs, PEAK_OUTPUTS);
  return { l2: found.l2, muNorm: found.mu_norm, bright: found.bright, brightPeak: found.bright_peak };
}

async function logitsOf(net: HardwareNetwork, batch: TurnedBatch): Promise<CellLogits> {
  await letOthersRun();
  return net.run(batch.count, { turned: batch.pixels, octant: batch.octants }, NET_OUTPUTS);
}

function scoresOf(found: Record<'l2' | 'mu_norm' | 'bright' | 'reconstruction', Float32Array>): VaeScores {
  const { l2, mu_norm: muNorm, bright, reconstruction } = found;
  return { l2, muNorm, bright, reconstruction };
}
