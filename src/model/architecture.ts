export const FAMILIES = ['vae', 'vae2024'] as const;
export type Family = (typeof FAMILIES)[number];

/** Which VAE, and its sizes. */
export interface Architecture {
  readonly family: Family;
  /** 1 (grey) or 3; `vae2024` has 1. */
  readonly channels: number;
  /** Length of the latent code, a power of two from 2^3 to 2^11. */
  readonly latent: number;
}

/** Side of a tile, pixels. */
export const TILE_SIZE = 64;
