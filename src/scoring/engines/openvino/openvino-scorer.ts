import { readFile } from 'node:fs/promises';
import { letOthersRun } from '../../../domain/let-others-run.js';
import { exportHardwareNet } from '../../../model/export-hardware.js';
import { exportOpenVinoNet } from '../../../model/export-openvino-net.js';
import { exportOpenVinoScorer } from '../../../model/export-openvino.js';
import { locateTensors } from '../../../model/safetensors.js';
import type { Architecture } from '../../../model/architecture.js';
import type {
  CellLogits,
  EngineInfo,
  Explanation,
  PeakScores,
  Scorer,
  TileBatch,
  TopLogits,
  TurnedBatch,
  VaeScores,
} from '../../scorer.js';
import { Core } from './core.js';
import { Network, type Stage } from './network.js';
import { netStage, scorerStage, screenedNetStage } from './stages.js';
import { TilePlanes } from './tile-planes.js';

const SCORE_OUTPUTS = ['l2', 'mu_norm', 'bright', 'reconstruction'] as const;
const PEAK_OUTPUTS = ['l2', 'mu_norm', 'bright', 'bright_peak'] as const;
const NET_OUTPUTS = ['bodies', 'tracks'] as const;
const TOP_OUTPUTS = ['tops', 'topTracks'] as const;

/**
 * Tiles that are computed at a time. More gain little; in fp32, which scores samples and the few tiles that are
 * confirmed, a batch is seldom full, and its memory is for as many tiles all the same.
 */
const EXACT_BATCH = 8;
const SCREEN_BATCH = 32;
const SCREEN_NET_BATCH = 16;

type ScorerNetwork = Network<
  'tiles' | 'valid' | 'peak',
  (typeof SCORE_OUTPUTS)[number] | 'bright_peak' | 'mu'
>;
type HardwareNetwork = Network<'turned' | 'octant', (typeof NET_OUTPUTS)[number]>;
type ScreenedNetwork = Network<'planes', (typeof TOP_OUTPUTS)[number]>;

export interface OpenVinoOptions {
  readonly network: { readonly weightsPath: string; readonly architecture: Architecture };
  /** Whether the model has a learned scorer. */
  readonly hardware: boolean;
  /** What is to be screened with, in bf16 on CPUs that have it; null where nothing is. */
  readonly screening: { readonly tracks: boolean } | null;
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
  const stages: ScorerStages = {
    scorer: scorerStage(architecture, exportOpenVinoScorer(architecture, tensors, file)),
    net: o.hardware ? netStage(exportHardwareNet(tensors, file)) : null,
    screenedNet:
      o.hardware && o.screening
        ? screenedNetStage(exportOpenVinoNet(tensors, file, o.screening), o.screening.tracks)
        : null,
  };
  return new OpenVinoScorer(new Core(), stages, o);
}

/** The autoencoder that screens: written anew from its weights, which need not be held until then. */
async function screenStage({ weightsPath, architecture }: OpenVinoOptions['network']): Promise<Stage> {
  const file = await readFile(weightsPath);
  const graph = exportOpenVinoScorer(architecture, locateTensors(file, weightsPath), file);
  return { ...scorerStage(architecture, graph), precision: 'bf16' };
}

interface ScorerStages {
  readonly scorer: Stage;
  readonly net: Stage | null;
  readonly screenedNet: Stage | null;
}

class OpenVinoScorer implements Scorer {
  readonly info: EngineInfo;
  readonly hardware?: (batch: TurnedBatch) => Promise<CellLogits>;
  readonly screen?: (batch: TileBatch, peaks: Uint8Array) => Promise<PeakScores>;
  readonly screenHardware?: (batch: TurnedBatch) => Promise<TopLogits>;
  readonly #core: Core;
  readonly #scorer: ScorerNetwork;
  readonly #networks: { close(): void }[] = [];
  /** Where nobody asks for a peak. */
  #noPeaks = new Uint8Array(0);

  constructor(core: Core, { scorer, net, screenedNet }: ScorerStages, o: OpenVinoOptions) {
    this.#core = core;
    this.info = { engine: 'openvino', device: 'cpu', version: core.version };
    const open = <I extends string, O extends string>(batch: number, stage: Stage): Network<I, O> => {
      const network = new Network<I, O>(core, stage, batch, o.threads);
      this.#networks.push(network);
      return network;
    };
    this.#scorer = open(EXACT_BATCH, scorer);
    if (net) {
      const network: HardwareNetwork = open(EXACT_BATCH, net);
      this.hardware = (batch) => logitsOf(network, batch);
    }
    if (!o.screening || !core.hasBf16()) return;
    // Only `full` scans screen with the autoencoder, whose buffers for so many tiles are the largest.
    const opened = async (): Promise<ScorerNetwork> => open(SCREEN_BATCH, await screenStage(o.network));
    let screen: Promise<ScorerNetwork> | undefined;
    this.screen = async (batch, peaks) => {
      screen ??= opened().catch((error: unknown) => {
        // With the next batch it is tried again.
        screen = undefined;
        throw error;
      });
      return await peakScores(await screen, batch, peaks);
    };
    if (screenedNet) {
      const network: ScreenedNetwork = open(SCREEN_NET_BATCH, screenedNet);
      const outputs = o.screening.tracks ? TOP_OUTPUTS : (['tops'] as const);
      const planes = new TilePlanes();
      this.screenHardware = (batch) => screenedLogits(network, planes, batch, outputs);
    }
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
    for (const network of this.#networks) network.close();
    this.#core.close();
    return Promise.resolve();
  }

  #peaksFor(count: number): Uint8Array {
    if (this.#noPeaks.length < 2 * count) this.#noPeaks = new Uint8Array(2 * count);
    return this.#noPeaks;
  }
}

async function peakScores(
  network: ScorerNetwork,
  { count, pixels, valid }: TileBatch,
  peaks: Uint8Array,
): Promise<PeakScores> {
  await letOthersRun();
  const found = network.run(count, { tiles: pixels, valid, peak: peaks }, PEAK_OUTPUTS);
  return { l2: found.l2, muNorm: found.mu_norm, bright: found.bright, brightPeak: found.bright_peak };
}

async function logitsOf(net: HardwareNetwork, { count, pixels, octants }: TurnedBatch): Promise<CellLogits> {
  await letOthersRun();
  return net.run(count, { turned: pixels, octant: octants }, NET_OUTPUTS);
}

async function screenedLogits(
  net: ScreenedNetwork,
  planes: TilePlanes,
  batch: TurnedBatch,
  outputs: readonly (typeof TOP_OUTPUTS)[number][],
): Promise<TopLogits> {
  await letOthersRun();
  return net.run<(typeof TOP_OUTPUTS)[number]>(
    batch.count,
    { planes: (values, from, to) => planes.write(batch, values as Uint16Array, from, to) },
    outputs,
  );
}

function scoresOf(found: Record<(typeof SCORE_OUTPUTS)[number], Float32Array>): VaeScores {
  const { l2, mu_norm: muNorm, bright, reconstruction } = found;
  return { l2, muNorm, bright, reconstruction };
}
