import type { LatentEngine } from '../scoring/onnx-latent.js';

/** Tiles or codes that the engine gets at one time. */
const BATCH = 64;

/** A model's latent space as `explore` uses it: grey tiles in, grey pictures out. */
export class LatentSpace {
  readonly latent: number;
  readonly #engine: LatentEngine;
  readonly #channels: number;
  readonly #area: number;

  constructor(engine: LatentEngine, o: { latent: number; channels: number; tileSize: number }) {
    this.latent = o.latent;
    this.#engine = engine;
    this.#channels = o.channels;
    this.#area = o.tileSize ** 2;
  }

  /**
   * Codes of tiles, `count * latent` each.
   * @param onTile tiles done
   * @throws the signal's reason when it is aborted, between two batches
   */
  async encode(
    tiles: readonly { readonly pixels: Uint8Array }[],
    signal: AbortSignal,
    onTile: (done: number) => void = () => undefined,
  ): Promise<{ mu: Float32Array; logvar: Float32Array }> {
    const mu = new Float32Array(tiles.length * this.latent);
    const logvar = new Float32Array(tiles.length * this.latent);
    for (let from = 0; from < tiles.length; from += BATCH) {
      signal.throwIfAborted();
      const batch = tiles.slice(from, from + BATCH);
      const pixels = new Uint8Array(batch.length * this.#channels * this.#area);
      batch.forEach((tile, i) => {
        // A grey tile is the same in every channel.
        for (let c = 0; c < this.#channels; c++)
          pixels.set(tile.pixels, (i * this.#channels + c) * this.#area);
      });
      const codes = await this.#engine.encode(pixels, batch.length);
      mu.set(codes.mu, from * this.latent);
      logvar.set(codes.logvar, from * this.latent);
      onTile(from + batch.length);
    }
    return { mu, logvar };
  }

  /** Pictures of codes, 0..1, the mean of the channels. */
  async decode(codes: Float32Array): Promise<Float32Array[]> {
    const pictures: Float32Array[] = [];
    const count = codes.length / this.latent;
    for (let from = 0; from < count; from += BATCH) {
      const batch = Math.min(BATCH, count - from);
      const part = codes.slice(from * this.latent, (from + batch) * this.latent);
      const decoded = await this.#engine.decode(part, batch);
      for (let i = 0; i < batch; i++) pictures.push(this.#grey(decoded, i));
    }
    return pictures;
  }

  #grey(decoded: Float32Array, index: number): Float32Array {
    const grey = new Float32Array(this.#area);
    for (let c = 0; c < this.#channels; c++) {
      const from = (index * this.#channels + c) * this.#area;
      for (let p = 0; p < this.#area; p++) grey[p]! += decoded[from + p]! / this.#channels;
    }
    return grey;
  }
}
