import type { TileParts } from '../domain/tile.js';

/** What is worked out of an image's parts is held of so many tiles at a time. */
const TILES_AT_ONCE = 8192;

/** The parts of all tiles, some thousands after some thousands, where they lie; `from` is the first tile of each. */
export function* partsInTurn(
  parts: TileParts,
): Generator<{ readonly from: number; readonly some: TileParts }> {
  for (let from = 0; from < parts.count; from += TILES_AT_ONCE)
    yield { from, some: partsBetween(parts, from, Math.min(from + TILES_AT_ONCE, parts.count)) };
}

function partsBetween(parts: TileParts, from: number, to: number): TileParts {
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
