import { OperationalError } from '../../domain/errors.js';
import type { Scorer, StripPixels, StripTiles, TileBatch, TurnedBatch } from '../scorer.js';

/** Code of the error of an engine that fails even with a single tile. */
export const ENGINE_FAILED = 'engine_failed';

/** Told when an engine fails with a batch: how many tiles it is given at a time from here on. */
export type OnHalved = (batch: number, reason: string) => void;

type Outputs = Record<string, Float32Array>;

/** Some tiles of a batch: where the first lies, and how many. */
interface Range {
  readonly from: number;
  readonly count: number;
}

/**
 * A scorer that meets an engine's failing (out of memory, mostly) with half the batch, down to one tile, and keeps to
 * what worked. What fails with one tile is an OperationalError `engine_failed`.
 */
export function steadyScorer(
  scorer: Scorer,
  { channels, tileSize }: { readonly channels: number; readonly tileSize: number },
  onHalved: OnHalved,
): Scorer {
  const calls = new SteadyCalls(onHalved);
  const area = tileSize * tileSize;
  const cut = <A extends Uint8Array | Float32Array>(values: A, each: number, { from, count }: Range): A =>
    values.subarray(from * each, (from + count) * each) as A;
  const tiles = ({ pixels, valid }: TileBatch, range: Range): TileBatch => ({
    count: range.count,
    pixels: cut(pixels, channels * area, range),
    valid: cut(valid, area, range),
  });
  const turned = ({ pixels, octants }: TurnedBatch, range: Range): TurnedBatch => ({
    count: range.count,
    pixels: cut(pixels, area, range),
    octants: cut(octants, 1, range),
  });
  const { hardware, screen, screenHardware, scoreAt, scoreStrip } = scorer;
  return {
    info: scorer.info,
    score: (batch) => calls.inParts(batch.count, (range) => scorer.score(tiles(batch, range))),
    explain: (batch) => calls.inParts(batch.count, (range) => scorer.explain(tiles(batch, range))),
    ...(hardware && {
      hardware: (batch: TurnedBatch) =>
        calls.inParts(batch.count, (range) => hardware.call(scorer, turned(batch, range))),
    }),
    ...(screen && {
      screen: (batch: TileBatch, peaks: Uint8Array) =>
        calls.inParts(batch.count, (range) => screen.call(scorer, tiles(batch, range), cut(peaks, 2, range))),
    }),
    ...(screenHardware && {
      screenHardware: (batch: TurnedBatch) =>
        calls.inParts(batch.count, (range) => screenHardware.call(scorer, turned(batch, range))),
    }),
    ...(scoreAt && {
      scoreAt: (batch: TileBatch, peaks: Uint8Array) =>
        calls.inParts(batch.count, (range) =>
          scoreAt.call(scorer, tiles(batch, range), cut(peaks, 2, range)),
        ),
    }),
    ...(scoreStrip && {
      scoreStrip: (strip: StripPixels, places: StripTiles, batch: number, signal?: AbortSignal) =>
        calls.withBatch(batch, signal, (size) => scoreStrip.call(scorer, strip, places, size, signal)),
    }),
    close: () => scorer.close(),
  };
}

class SteadyCalls {
  readonly #onHalved: OnHalved;
  #limit = Infinity;

  constructor(onHalved: OnHalved) {
    this.#onHalved = onHalved;
  }

  /** Runs tiles in as many parts as it takes, and joins what they give. */
  async inParts<R extends object>(total: number, run: (range: Range) => Promise<R>): Promise<R> {
    const parts: R[] = [];
    for (let from = 0; from < total;) {
      const count = Math.min(total - from, this.#limit);
      try {
        parts.push(await run({ from, count }));
        from += count;
      } catch (error) {
        this.#halve(count, error);
      }
    }
    return parts.length === 1 ? parts[0]! : (joined(parts as Outputs[]) as R);
  }

  /** Runs what splits its work by itself, again from its beginning with smaller batches. */
  async withBatch<R>(
    batch: number,
    signal: AbortSignal | undefined,
    run: (size: number) => Promise<R>,
  ): Promise<R> {
    for (;;) {
      const size = Math.min(batch, this.#limit);
      try {
        return await run(size);
      } catch (error) {
        signal?.throwIfAborted();
        this.#halve(size, error);
      }
    }
  }

  #halve(count: number, error: unknown): void {
    const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
    if (count <= 1)
      throw new OperationalError(
        ENGINE_FAILED,
        `The scoring engine fails with a single tile (${reason}): check the engine by \`selenoscan check --engine\`.`,
        { cause: error },
      );
    this.#limit = Math.floor(count / 2);
    this.#onHalved(this.#limit, reason);
  }
}

function joined(parts: readonly Outputs[]): Outputs {
  const names = Object.keys(parts[0] ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const all = new Float32Array(parts.reduce((length, part) => length + part[name]!.length, 0));
      let at = 0;
      for (const part of parts) {
        all.set(part[name]!, at);
        at += part[name]!.length;
      }
      return [name, all];
    }),
  );
}
