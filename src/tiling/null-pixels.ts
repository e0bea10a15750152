import type { Strip } from '../domain/raster.js';
import type { MaskOptions } from './mask-options.js';
import { validColumns } from '../domain/valid-columns.js';

/** An 8 x 8 JPEG block that holds an edge rings over its whole side: no cut is sharper than this. */
const BLOCK = 8;
/** Samples behind that which tell the terrain's level, and the share of it that a hard cut reaches at once. */
const LEVEL_SAMPLES = 32;
const SHARPNESS = 0.75;
/** Ringing of a JPEG block beside lost data stays below this DN. */
const RINGING_DN = 12;

/** Lines above and below a pixel that decide whether it is null. */
export const NULL_REACH = BLOCK;

/**
 * Finds lost data: pixels that hold no measurement, as against pixels that are dark.
 *
 * Lost packets leave exact zeros along a line, from one hard cut to the next. A shadow is not that: even
 * where it is clipped to zero it fades in, because the Sun is 0.5 degrees wide (a shadow of 512 px has a
 * penumbra of 15 px and more at its tip) and the optics blur. So a run of at least `nullRun` zeros is null
 * only if at each end the image stops or jumps, within one JPEG block, to three quarters of the level of the
 * terrain behind. A run that ends in darkness is left as shadow, where it does no harm. In images narrower than
 * `nullRun` only a whole line of zeros counts. Ringing of lossy blocks beside the cut goes with it.
 *
 * With a `nullRun` of 1 every zero is null, and nothing else is.
 *
 * Depends on no more than NULL_REACH lines above and below a pixel, whatever the strip.
 *
 * @returns `lines * width` flags, 1 = null, or `null` when the strip has none.
 */
export function findNullPixels(
  strip: Strip,
  o: Pick<MaskOptions, 'nullRun' | 'shadowDn'>,
): Uint8Array | null {
  const { from, to } = validColumns(strip.width);
  if (o.nullRun === 1) return everyZero(strip, from, to);
  const shortest = Math.min(o.nullRun, to - from);
  let flags: Uint8Array | null = null;
  for (let y = 0; y < strip.lines; y++) {
    const row = strip.data.subarray(y * strip.width, (y + 1) * strip.width);
    // Every run of `shortest` zeros covers one of these samples.
    for (let x = from + shortest - 1; x < to; x += shortest) {
      if (row[x] !== 0) continue;
      let begin = x;
      let end = x + 1;
      while (begin > from && row[begin - 1] === 0) begin--;
      while (end < to && row[end] === 0) end++;
      const isNull =
        end - begin >= shortest &&
        (begin === from || isHardCut(row, begin - 1, -1, from, to, o.shadowDn)) &&
        (end === to || isHardCut(row, end, 1, from, to, o.shadowDn));
      if (isNull) {
        flags ??= new Uint8Array(strip.lines * strip.width);
        flags.fill(1, y * strip.width + begin, y * strip.width + end);
      }
      while (x + shortest < end) x += shortest;
    }
  }
  return flags && withRinging(flags, strip, from, to);
}

function everyZero({ data, width, lines }: Strip, from: number, to: number): Uint8Array | null {
  let flags: Uint8Array | null = null;
  for (let y = 0; y < lines; y++) {
    const end = y * width + to;
    for (let i = data.indexOf(0, y * width + from); i >= 0 && i < end; i = data.indexOf(0, i + 1)) {
      flags ??= new Uint8Array(lines * width);
      flags[i] = 1;
    }
  }
  return flags;
}

function isHardCut(
  row: Uint8Array,
  at: number,
  step: number,
  from: number,
  to: number,
  shadowDn: number,
): boolean {
  let peak = 0;
  let x = at;
  for (let i = 0; i <= BLOCK && x >= from && x < to; i++, x += step) peak = Math.max(peak, row[x]!);
  let sum = 0;
  let count = 0;
  for (; count < LEVEL_SAMPLES && x >= from && x < to; count++, x += step) sum += row[x]!;
  const level = count === 0 ? peak : sum / count;
  return peak > shadowDn && peak >= SHARPNESS * level;
}

/** Adds dark pixels within one block of null ones, along lines and then along columns. */
function withRinging(flags: Uint8Array, strip: Strip, from: number, to: number): Uint8Array {
  const { width, lines, data } = strip;
  const grown = Uint8Array.from(flags);
  const grow = (source: Uint8Array, start: number, step: number, count: number): void => {
    for (const direction of [1, -1]) {
      let reach = 0;
      for (let i = 0; i < count; i++) {
        const p = start + (direction === 1 ? i : count - 1 - i) * step;
        if (source[p] === 1) reach = BLOCK;
        else if (reach > 0 && data[p]! <= RINGING_DN) {
          grown[p] = 1;
          reach--;
        } else reach = 0;
      }
    }
  };
  for (let y = 0; y < lines; y++) grow(flags, y * width + from, 1, to - from);
  const alongLines = Uint8Array.from(grown);
  for (let x = from; x < to; x++) grow(alongLines, x, width, lines);
  return grown;
}
