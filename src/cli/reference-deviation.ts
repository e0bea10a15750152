import type { ModelFolder } from '../model/load-model-folder.js';
import type { ScorePool } from '../scoring/score-pool.js';
import type { TileBatch, TurnedBatch } from '../scoring/scorer.js';

/** A model's reference tiles. */
export function referenceBatch({ reference }: ModelFolder): TileBatch {
  return {
    count: reference.count,
    pixels: new Uint8Array(Buffer.from(reference.tiles, 'base64')),
    valid: new Uint8Array(Buffer.from(reference.valid, 'base64')),
  };
}

export interface Deviation {
  /** Largest |value - reference| / max(1, |reference|) over tiles, scores and logits; NaN where one is none. */
  readonly worst: number;
  /** What was compared, as the check says it. */
  readonly what: string;
}

/** How far an engine's scores of the reference tiles lie from those of the model folder. */
export async function deviation(pool: ScorePool, model: ModelFolder): Promise<Deviation> {
  const { reference } = model;
  const batch = referenceBatch(model);
  const scores = await pool.explain(batch);
  const distances = (['l2', 'muNorm', 'bright'] as const).map((name) =>
    distance(scores[name], reference[name]),
  );
  const { hardware } = reference;
  const logits = hardware && (await pool.cells?.(firstChannels(batch, hardware.octants)));
  if (!hardware || !logits) return { worst: largest(distances), what: 'reference scores' };
  distances.push(
    distance(logits.bodies, decoded(hardware.bodies)),
    distance(logits.tracks, decoded(hardware.tracks)),
  );
  return { worst: largest(distances), what: 'reference scores and logits' };
}

/** The tiles' first channel. */
function firstChannels({ count, pixels, valid }: TileBatch, octants: readonly number[]): TurnedBatch {
  const area = valid.length / count;
  const each = pixels.length / count;
  const grey = new Uint8Array(count * area);
  for (let i = 0; i < count; i++) grey.set(pixels.subarray(i * each, i * each + area), i * area);
  return { count, pixels: grey, octants: Float32Array.from(octants) };
}

function decoded(base64: string): number[] {
  const bytes = Buffer.from(base64, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

function distance(found: ArrayLike<number>, expected: readonly number[]): number {
  if (found.length !== expected.length) return NaN;
  return largest(expected.map((value, i) => Math.abs(found[i]! - value) / Math.max(1, Math.abs(value))));
}

/** NaN where one is: that is no agreement. */
function largest(values: readonly number[]): number {
  return values.reduce((worst, value) => (Number.isNaN(value) ? NaN : Math.max(worst, value)), 0);
}
