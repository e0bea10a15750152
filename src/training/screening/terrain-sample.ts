import { createRandom, type Random } from '../../domain/random.js';
import { TILE_SIZE } from '../../model/architecture.js';
import { terrainOf } from '../hardware/terrains.js';
import type { Terrain } from '../hardware/terrain-patch.js';
import type { TrainingImage } from '../images.js';
import { TileDraw } from '../tile-draw.js';

/** A window is wide enough for a tile at any angle and scale. */
const SIDE = 3 * TILE_SIZE;
/** Windows drawn of each image: one for so many pixels of it, up to a most. */
const PIXELS_A_WINDOW = 128 * 128;
const MOST_PER_IMAGE = 96;
const MOST_WINDOWS = 384;

/** Keeps a bounded number of windows of the images that pass, each with the same chance. */
export class TerrainSample {
  readonly #random: Random;
  readonly #draw: TileDraw;
  readonly #windows: Terrain[] = [];

  constructor(seed: number) {
    this.#random = createRandom(seed);
    this.#draw = new TileDraw(MOST_WINDOWS, this.#random);
  }

  /** In no order that means anything; the direction away from the Sun is any. */
  get windows(): readonly Terrain[] {
    return this.#windows;
  }

  /** Passes images on and looks at each. */
  async *watch(
    images: Iterable<TrainingImage> | AsyncIterable<TrainingImage>,
  ): AsyncGenerator<TrainingImage> {
    for await (const image of images) {
      this.see(image);
      yield image;
    }
  }

  see({ name, width, height, channels, pixels }: TrainingImage): void {
    const random = this.#random;
    const [across, along] = [Math.min(SIDE, width), Math.min(SIDE, height)];
    if (Math.min(across, along) < 2 * TILE_SIZE) return;
    const count = Math.min(Math.ceil((width * height) / PIXELS_A_WINDOW), MOST_PER_IMAGE);
    for (let n = 0; n < count; n++) {
      const left = random.integer(width - across + 1);
      const top = random.integer(height - along + 1);
      const place = this.#draw.next();
      if (place === null) continue;
      const data = Uint8Array.from({ length: across * along }, (_, i) => {
        const pixel = (top + Math.floor(i / across)) * width + left + (i % across);
        return pixels[pixel * channels]!;
      });
      const angle = 2 * Math.PI * random.uniform();
      this.#windows[place] = terrainOf(name, across, data, { x: Math.cos(angle), y: Math.sin(angle) });
    }
  }
}
