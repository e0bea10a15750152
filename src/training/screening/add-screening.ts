import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Architecture, TILE_SIZE } from '../../model/architecture.js';
import { HARDWARE_FILE, MODEL_FILES, SCREEN_FILES } from '../../model/load-model-folder.js';
import type { ScreeningRecord } from '../../model/manifest.js';
import { exportHardwareInt8 } from '../../model/quantise/export-hardware-int8.js';
import { exportScorerInt8 } from '../../model/quantise/export-scorer-int8.js';
import type { Weights } from '../../model/weights.js';
import { fitEnvelope, type ScorePair } from '../../scoring/error-envelope.js';
import { createOnnxScorer } from '../../scoring/engines/onnx-scorer.js';
import type { ScreenPart } from '../../scoring/screen-bounds.js';
import type { Terrain } from '../hardware/terrain-patch.js';
import { measureErrors, type ScreenedParts } from './measure-errors.js';
import { measureRanges } from './measure-ranges.js';
import { half, makeTileSet } from './tile-set.js';

/** The allowed error over the largest one seen. */
const SAFETY = 1.5;
const SEED = 2020;

/** A folder whose weights and exact graphs are written. */
export interface ExactModel {
  readonly dir: string;
  readonly architecture: Architecture;
  readonly weights: Weights;
  readonly hasHardware: boolean;
}

/**
 * Writes a model's graphs in whole numbers beside its exact ones, and measures on many tiles how far their scores
 * may be off. Half of the tiles give the ranges of the activations; all of them give the errors.
 *
 * @param windows of plain terrain, at least one
 * @param about where they are from
 * @returns what model.json tells of them
 */
export async function addScreening(
  model: ExactModel,
  windows: readonly Terrain[],
  about: string,
): Promise<ScreeningRecord> {
  const { dir, architecture, weights, hasHardware } = model;
  const at = (file: string): string => path.join(dir, file);
  const set = makeTileSet(windows, SEED);
  const graphs = {
    dir,
    scorer: await readFile(at(MODEL_FILES.onnx)),
    hardware: hasHardware ? await readFile(at(HARDWARE_FILE)) : null,
  };
  const ranges = await measureRanges(graphs, architecture, half(set, 0));
  await writeFile(at(SCREEN_FILES.scorer), exportScorerInt8(architecture, weights, ranges));
  if (hasHardware) await writeFile(at(SCREEN_FILES.hardware), exportHardwareInt8(weights, ranges));
  const scorer = await createOnnxScorer({
    modelPath: at(MODEL_FILES.onnx),
    hardwarePath: hasHardware ? at(HARDWARE_FILE) : null,
    screening: {
      scorerPath: at(SCREEN_FILES.scorer),
      hardwarePath: hasHardware ? at(SCREEN_FILES.hardware) : null,
    },
    threads: 1,
    channels: architecture.channels,
    tileSize: TILE_SIZE,
  });
  try {
    return recordOf(await measureErrors(scorer, architecture.channels, set), about, set.count);
  } finally {
    await scorer.close();
  }
}

function recordOf(parts: ScreenedParts, about: string, tiles: number): ScreeningRecord {
  const described: Partial<Record<ScreenPart, ScreeningRecord['parts'][ScreenPart]>> = {};
  for (const [part, pairs] of parts) described[part] = { ...fitEnvelope(pairs), ...errorsOf(pairs) };
  return { about, tiles, safety: SAFETY, parts: described };
}

/** Of the errors: the middle one, the hundredth highest of each hundred, the highest, also of tiles that set no range. */
function errorsOf(pairs: readonly ScorePair[]): {
  median: number;
  p99: number;
  most: number;
  mostUnseen: number;
} {
  const all = pairs.map(({ screened, exact }) => Math.abs(screened - exact));
  const sorted = all.toSorted((a, b) => a - b);
  const share = (of: number): number => sorted[Math.floor(of * (sorted.length - 1))]!;
  return {
    median: share(0.5),
    p99: share(0.99),
    most: share(1),
    mostUnseen: all.filter((_, i) => i % 2 === 1).reduce((most, error) => Math.max(most, error), 0),
  };
}
