import type { TileParts } from '../domain/tile.js';

/** The parts of the tiles from one to before another, where they lie. */
export function partsBetween(parts: TileParts, from: number, to: number): TileParts {
  return {
    count: to - from,
    state: parts.state.subarray(from, to),
    marks: parts.marks.subarray(from, to),
    l2: parts.l2.subarray(from, to),
    muNorm: parts.muNorm.subarray(from, to),
    bright: parts.bright.subarray(from, to),
    brightPeak: parts.brightPeak.subarray(from, to),
    tri: parts.tri.subarray(from, to),
    mad: parts.mad.subarray(from, to),
    lander: parts.lander.subarray(from, to),
    small: parts.small.subarray(from, to),
    tracks: parts.tracks.subarray(from, to),
    peakX: parts.peakX.subarray(from, to),
    peakY: parts.peakY.subarray(from, to),
  };
}

/** The parts of some tiles, in their order. */
export function pickParts(parts: TileParts, tiles: readonly number[]): TileParts {
  const floats = (values: Float32Array): Float32Array => Float32Array.from(tiles, (tile) => values[tile]!);
  const bytes = (values: Uint8Array): Uint8Array => Uint8Array.from(tiles, (tile) => values[tile]!);
  return {
    count: tiles.length,
    state: bytes(parts.state),
    marks: bytes(parts.marks),
    l2: floats(parts.l2),
    muNorm: floats(parts.muNorm),
    bright: floats(parts.bright),
    brightPeak: floats(parts.brightPeak),
    tri: floats(parts.tri),
    mad: floats(parts.mad),
    lander: Int16Array.from(tiles, (tile) => parts.lander[tile]!),
    small: Int16Array.from(tiles, (tile) => parts.small[tile]!),
    tracks: Int8Array.from(tiles, (tile) => parts.tracks[tile]!),
    peakX: bytes(parts.peakX),
    peakY: bytes(parts.peakY),
  };
}
