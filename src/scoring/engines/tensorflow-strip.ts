import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import { setImmediate as turn } from 'node:timers/promises';
import { turnBack, type Turn } from '../../domain/turn.js';
import { CELLS } from '../../model/hardware-net.js';
import type { TensorFlow } from '../../model/tensorflow.js';
import { TILE_SIZE } from '../../model/architecture.js';
import { BORDER_CELLS } from '../hardware-logits.js';
import type { StripPixels, StripScores, StripTiles } from '../scorer.js';
import type { ScoringHardwareNet } from './tensorflow-hardware.js';
import type { ScoreMaker } from './tensorflow-scores.js';
import { uploadBytes } from './tensorflow-upload.js';

const AREA = TILE_SIZE * TILE_SIZE;
const UPRIGHT: Turn = { mirrorX: false, mirrorY: false, transpose: false };
/** Cells along a tile's side that the best one is looked for in. */
const INNER_CELLS = CELLS - 2 * BORDER_CELLS;
const CELL_PX = TILE_SIZE / CELLS;

/** A batch under way: the scores of its tiles [n, 4] and of its turned ones [n * turns, 4]. */
interface Pending {
  readonly from: number;
  readonly count: number;
  readonly scores: tfjs.Tensor2D;
  readonly cells: tfjs.Tensor2D | null;
}

interface Networks {
  readonly scores: ScoreMaker;
  readonly net: ScoringHardwareNet | null;
  readonly channels: number;
}

/**
 * Scores tiles of a strip that is uploaded once: tiles are gathered from it, turned, scored and their cells searched
 * where the network runs. A batch is read when the next one is on its way, so that a GPU has always one to work on.
 */
export async function scoreStripTiles(
  tf: TensorFlow,
  networks: Networks,
  strip: StripPixels,
  tiles: StripTiles,
  batch: number,
  signal?: AbortSignal,
): Promise<StripScores> {
  const cutter = new TileCutter(tf, strip);
  const results = emptyScores(tiles.count);
  let pending: Pending | null = null;
  try {
    for (let from = 0; from < tiles.count; from += batch) {
      signal?.throwIfAborted();
      const count = Math.min(batch, tiles.count - from);
      const next = start(tf, networks, cutter, tiles, from, count);
      try {
        if (pending) read(pending, tiles.turns, results);
      } finally {
        dispose(pending);
        pending = next;
      }
      // Lets the thread hear of an abort.
      await turn();
    }
    if (pending) read(pending, tiles.turns, results);
    return results;
  } finally {
    dispose(pending);
    cutter.dispose();
  }
}

function emptyScores(count: number): StripScores {
  const each = (): Float32Array => new Float32Array(count);
  const asked = (): Float32Array => new Float32Array(count).fill(NaN);
  return {
    ...{ l2: each(), muNorm: each(), bright: each(), brightPeak: each() },
    ...{ lander: asked(), small: asked(), tracks: asked(), landerX: asked(), landerY: asked() },
  };
}

function start(
  tf: TensorFlow,
  { scores: maker, net, channels }: Networks,
  cutter: TileCutter,
  tiles: StripTiles,
  from: number,
  count: number,
): Pending {
  const made = tf.tidy((): { scores: tfjs.Tensor2D; cells?: tfjs.Tensor2D } => {
    const places = cutter.places(tiles, from, count);
    const { pixels, valid } = cutter.cut(places, UPRIGHT);
    const grey = channels === 1 ? pixels : pixels.tile<tfjs.Tensor4D>([1, 1, 1, channels]);
    const named = maker.score(grey, valid);
    const peaks = uploadBytes<tfjs.Tensor2D>(tf, tiles.peaks.subarray(2 * from, 2 * (from + count)), [
      count,
      2,
    ]);
    const columns = [named.l2, named.muNorm, named.bright, maker.peak(named.blurred, peaks)];
    return {
      scores: tf.stack(columns, 1) as tfjs.Tensor2D,
      ...(net && tiles.turns.length > 0 && { cells: bestCells(tf, net, cutter, places, tiles) }),
    };
  });
  return { from, count, scores: made.scores, cells: made.cells ?? null };
}

/** Per tile and turn: the highest logit of a lander, its cell, and the highest of something small and of tracks. */
function bestCells(
  tf: TensorFlow,
  net: ScoringHardwareNet,
  cutter: TileCutter,
  places: Places,
  { turns, octant }: StripTiles,
): tfjs.Tensor2D {
  const looks = turns.map((turned) => {
    const { pixels } = cutter.cut(places, turned);
    const { bodies, tracks } = net.logits(pixels, tf.fill([pixels.shape[0]], octant));
    const inner = bodies
      .slice([0, BORDER_CELLS, BORDER_CELLS, 0], [-1, INNER_CELLS, INNER_CELLS, 2])
      .reshape<tfjs.Tensor3D>([-1, INNER_CELLS * INNER_CELLS, 2]);
    const [lander, small] = tf.unstack(inner, 2);
    return tf.stack(
      [lander!.max(1), lander!.argMax(1).cast('float32'), small!.max(1), tracks.max([1, 2, 3])],
      1,
    );
  });
  return tf.stack(looks, 1).reshape([-1, 4]);
}

function read({ from, count, scores, cells }: Pending, turns: readonly Turn[], to: StripScores): void {
  const values = scores.dataSync();
  for (let i = 0; i < count; i++) {
    to.l2[from + i] = values[4 * i]!;
    to.muNorm[from + i] = values[4 * i + 1]!;
    to.bright[from + i] = values[4 * i + 2]!;
    to.brightPeak[from + i] = values[4 * i + 3]!;
  }
  if (cells === null) return;
  const looks = cells.dataSync();
  for (let i = 0; i < count; i++) {
    const best = { lander: -Infinity, small: -Infinity, tracks: -Infinity };
    turns.forEach((turned, k) => {
      const at = 4 * (i * turns.length + k);
      best.small = Math.max(best.small, looks[at + 2]!);
      best.tracks = Math.max(best.tracks, looks[at + 3]!);
      if (looks[at]! <= best.lander) return;
      best.lander = looks[at]!;
      const cell = looks[at + 1]!;
      const x = (cell % INNER_CELLS) + BORDER_CELLS;
      const y = Math.floor(cell / INNER_CELLS) + BORDER_CELLS;
      const place = turnBack({ x, y }, CELLS, turned);
      to.landerX[from + i] = (place.x + 0.5) * CELL_PX;
      to.landerY[from + i] = (place.y + 0.5) * CELL_PX;
    });
    to.lander[from + i] = best.lander;
    to.small[from + i] = best.small;
    to.tracks[from + i] = best.tracks;
  }
}

function dispose(pending: Pending | null): void {
  pending?.scores.dispose();
  pending?.cells?.dispose();
}

/** Where tiles begin in the flat strip, [n, 1], and what fills them where there is no real data, [n, 1]. */
interface Places {
  readonly first: tfjs.Tensor2D;
  readonly fill: tfjs.Tensor2D;
}

/** A strip on the device, and the ways to lay a tile out of it. */
class TileCutter {
  readonly #tf: TensorFlow;
  readonly #width: number;
  readonly #pixels: tfjs.Tensor1D;
  readonly #valid: tfjs.Tensor1D | null;
  /** Of each turn: how far each of a tile's pixels lies from its first one in the strip, [1, 4096]. */
  readonly #offsets = new Map<string, tfjs.Tensor2D>();

  constructor(tf: TensorFlow, { width, lines, pixels, valid }: StripPixels) {
    this.#tf = tf;
    this.#width = width;
    this.#pixels = uploadBytes(tf, pixels, [width * lines]);
    this.#valid = valid && uploadBytes(tf, valid, [width * lines]);
  }

  places({ x, y, fill }: StripTiles, from: number, count: number): Places {
    const first = Float32Array.from({ length: count }, (_, i) => y[from + i]! * this.#width + x[from + i]!);
    return {
      first: this.#tf.tensor2d(first, [count, 1]),
      fill: uploadBytes(this.#tf, fill.subarray(from, from + count), [count, 1]),
    };
  }

  /** Tiles [n, 64, 64, 1] in 0..1, and 1 where they are real data; null where they are everywhere. */
  cut({ first, fill }: Places, turned: Turn): { pixels: tfjs.Tensor4D; valid: tfjs.Tensor4D | null } {
    const tf = this.#tf;
    // Float32 until the end: on a GPU, TensorFlow adds whole numbers on the CPU.
    const at = first.add(this.#offsetsOf(turned)).cast('int32');
    const square = (values: tfjs.Tensor): tfjs.Tensor4D => values.reshape([-1, TILE_SIZE, TILE_SIZE, 1]);
    const dn = tf.gather(this.#pixels, at);
    if (this.#valid === null) return { pixels: square(dn.div(255)), valid: null };
    const valid = tf.gather(this.#valid, at);
    const filled = tf.where(valid.greater(0), dn, fill.add(tf.zerosLike(dn)));
    return { pixels: square(filled.div(255)), valid: square(valid) };
  }

  dispose(): void {
    this.#pixels.dispose();
    this.#valid?.dispose();
    for (const offsets of this.#offsets.values()) offsets.dispose();
  }

  #offsetsOf(turned: Turn): tfjs.Tensor2D {
    const name = JSON.stringify(turned);
    const known = this.#offsets.get(name);
    if (known) return known;
    const offsets = Float32Array.from({ length: AREA }, (_, i) => {
      const place = { x: i % TILE_SIZE, y: Math.floor(i / TILE_SIZE) };
      const { x, y } = turnBack(place, TILE_SIZE, turned);
      return y * this.#width + x;
    });
    const made = this.#tf.keep(this.#tf.tensor2d(offsets, [1, AREA]));
    this.#offsets.set(name, made);
    return made;
  }
}
