/**
 * The regular grid of tiles over the valid area of an image. Tiles sit every `stride`, the last row and
 * column flush with the border, so that no pixel is skipped (design, invariant 2).
 */
export interface TileGrid {
  readonly size: number;
  /** Upper-left pixel of each column and row, ascending. */
  readonly xs: Int32Array;
  readonly ys: Int32Array;
}

/** Why a tile is not scored. `scored` is the one that is. */
export const TILE_STATES = ['scored', 'detector', 'null', 'saturated', 'shadow'] as const;
export type TileState = (typeof TILE_STATES)[number];

/** Stand in `TileParts` where no net said anything. */
export const NO_LOGIT = -32768;
export const NO_TRACKS = -128;

/** Bits of `TileParts.marks`. */
export const TILE_MARKS = {
  /** Of the sample that the image's statistics are taken from. */
  sampled: 1,
  /** The autoencoder's parts come from screening it in int8 or bf16. */
  vaeScreened: 2,
  /** The autoencoder did not look: its parts are NaN, but `brightPeak` is the most that it can be. */
  vaeUnseen: 4,
  /** The learned logits come from screening in int8 or bf16. */
  netScreened: 8,
  /** Detector or null pixels in the tile are filled. */
  filled: 16,
} as const;

/** A tile with any of these bits is not scored in fp32 yet, and its peak is that of TRI alone. */
export const UNCONFIRMED = TILE_MARKS.vaeScreened | TILE_MARKS.vaeUnseen | TILE_MARKS.netScreened;

/** Tiles of an image by state. */
export type MaskCounts = Record<TileState, number>;

/**
 * Raw score parts of tiles, one array per part, indexed alike. Kept for the whole image (32 bytes a tile,
 * and one of marks) and normalised after its last strip (design, invariant 4).
 */
export interface TileParts {
  readonly count: number;
  /** Index into TILE_STATES. */
  readonly state: Uint8Array;
  /** How the tile was scored, bits of TILE_MARKS; 0 = wholly in fp32. */
  readonly marks: Uint8Array;
  /** Euclidean norm of x - decode(mu) over the tile's valid pixels, scaled to a full tile; x in 0..1. */
  readonly l2: Float32Array;
  /** Euclidean norm of the latent mean. */
  readonly muNorm: Float32Array;
  /** Maximum of the reconstruction residual x - decode(mu) blurred by 0.8 px. */
  readonly bright: Float32Array;
  /** The same blurred residual where TRI peaks: the most within 2 px of the peak. */
  readonly brightPeak: Float32Array;
  /** Sun-directed lit-body-and-shadow response TRI (floor 1e-4). */
  readonly tri: Float32Array;
  /** Median absolute deviation of the tile's pixels as a share of their median. */
  readonly mad: Float32Array;
  /** Learned logits of a lander and of something small in the tile, in thousandths; NO_LOGIT without such a net. */
  readonly lander: Int16Array;
  readonly small: Int16Array;
  /** That of tracks, in eighths; NO_TRACKS without such a net, and where screening did not tell of them. */
  readonly tracks: Int8Array;
  /**
   * Where the thing lies within the tile, 0..size-1: where TRI peaks, or the middle of the cell that the learned
   * scorer takes for a lander, where it does and TRI peaks elsewhere.
   */
  readonly peakX: Uint8Array;
  readonly peakY: Uint8Array;
}
