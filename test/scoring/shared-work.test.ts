import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TileInspection } from '../../src/tiling/inspect-tile.js';
import { TileInspector } from '../../src/tiling/inspect-tile.js';
import { DEFAULT_MASKS } from '../../src/tiling/mask-options.js';
import { planGrid } from '../../src/tiling/grid.js';
import { contrastField } from '../../src/scoring/contrast-field.js';
import { StripKernels } from '../../src/scoring/strip-kernels.js';
import { residualAt } from '../../src/scoring/residual-peak.js';
import { TriPeaks } from '../../src/scoring/tri-peaks.js';
import { TRI_MARGIN, TriFinder, type TriPeak } from '../../src/scoring/tri.js';
import { contrastField as plainContrast } from './reference/contrast-plain.js';
import { TileInspector as PlainInspector } from './reference/inspect-plain.js';
import { residualAt as plainResidual } from './reference/residual-plain.js';
import { TriFinder as PlainFinder } from './reference/tri-plain.js';
import { seeded, terrain } from './support.js';

/** Tiles and pixels worked out one by one, as they were defined: `reference/`. */

const scene = fc.record({
  size: fc.oneof(fc.constant(64), fc.constantFrom(16, 30, 33, 48)),
  width: fc.oneof(fc.integer({ min: 64, max: 210 }), fc.constantFrom(96, 160)),
  height: fc.integer({ min: 64, max: 180 }),
  seed: fc.nat(),
  strideX: fc.oneof(fc.constant(32), fc.integer({ min: 9, max: 16 }), fc.integer({ min: 9, max: 64 })),
  strideY: fc.oneof(fc.constant(32), fc.integer({ min: 9, max: 16 }), fc.integer({ min: 9, max: 64 })),
  // Few grey levels make equal responses, whose order counts.
  levels: fc.constantFrom(256, 8, 2),
  // Black and white, for the strongest contrasts that there are.
  harsh: fc.boolean(),
  lost: fc.array(fc.tuple(fc.nat(179), fc.integer({ min: 1, max: 40 })), { maxLength: 2 }),
  damaged: fc.boolean(),
  sun: fc.option(fc.double({ min: 0, max: 2 * Math.PI, noNaN: true })),
});

type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

function render(o: Scene) {
  const { width, height, data } = terrain(o.width, o.height, o.seed);
  const step = 256 / o.levels;
  data.forEach((dn, i) => (data[i] = Math.min(255, Math.floor(dn / step) * step)));
  const noise = seeded(o.seed + 1);
  if (o.harsh) data.forEach((_, i) => (data[i] = noise() < 0.1 ? 255 : 0));
  const nulls = o.damaged ? new Uint8Array(width * height) : null;
  for (const [line, lines] of o.lost)
    nulls?.fill(1, Math.min(line, height) * width, Math.min(line + lines, height) * width);
  const random = seeded(o.seed);
  nulls?.forEach((_, i) => random() < 0.01 && (nulls[i] = 1));
  const area = { firstLine: 0, width, lines: height, data, stride: width, offset: 0, nulls };
  const strides = { strideX: Math.min(o.strideX, o.size), strideY: Math.min(o.strideY, o.size) };
  const grid = planGrid({ width, height }, { size: o.size, ...strides });
  const away = o.sun === null ? null : { x: Math.cos(o.sun), y: Math.sin(o.sun) };
  return { area, nulls, grid, away, strip: { firstLine: 0, lines: height, width, data } };
}

describe('a strip that is too large for its kernels', () => {
  it('is refused in one sentence', () => {
    const area = { firstLine: 0, width: 30_000, lines: 30_000, stride: 30_000, offset: 0, nulls: null };
    const scored = () => contrastField({ ...area, data: new Uint8Array(0) }, TRI_MARGIN);
    expect(scored).toThrow(/A strip needs \d+ MB in one piece.*set scoring\.strip_rows lower/);
  });
});

describe('work that tiles share gives to the bit what each of them alone would', () => {
  it('in their peaks of the sun-directed response', () => {
    fc.assert(
      fc.property(scene, (o) => {
        const { area, grid, away } = render(o);
        const field = contrastField(area, TRI_MARGIN);
        const plain = new PlainFinder(field, away);
        const finder = new TriFinder(field, away);
        const shared = new TriPeaks(finder, grid.xs, grid.ys, o.size);
        const peak: TriPeak = { value: 0, x: 0, y: 0 };
        grid.ys.forEach((y, row) =>
          grid.xs.forEach((x, column) => {
            shared.find(column, row, peak);
            const alone = plain.peak(x, y, o.size);
            expect(peak).toEqual(alone);
            expect(finder.peak(x, y, o.size)).toEqual(alone);
          }),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('in their states, medians, spreads and pixels', () => {
    fc.assert(
      fc.property(scene, fc.constantFrom(1, 17, 32), (o, above) => {
        const { strip, nulls, grid } = render(o);
        // The strip may begin anywhere above its tiles.
        const part = {
          firstLine: above,
          lines: strip.lines - above,
          width: strip.width,
          data: strip.data.subarray(above * strip.width),
        };
        const flags = nulls && nulls.subarray(above * strip.width);
        const shared = new TileInspector(part, flags, o.size, DEFAULT_MASKS);
        const plain = new PlainInspector(part, flags, o.size, DEFAULT_MASKS);
        const seen: TileInspection[] = [];
        const cut = { pixels: new Uint8Array(o.size ** 2), valid: new Uint8Array(o.size ** 2) };
        const cutPlain = { pixels: new Uint8Array(o.size ** 2), valid: new Uint8Array(o.size ** 2) };
        for (const y of grid.ys) {
          if (y < above) continue;
          for (const x of grid.xs) {
            seen.push(shared.inspect(x, y));
            const tile = plain.inspect(x, y);
            expect(seen.at(-1)).toEqual(tile);
            shared.cut(x, y, tile, cut.pixels, cut.valid);
            plain.cut(x, y, tile, cutPlain.pixels, cutPlain.valid);
            expect(Buffer.compare(cut.pixels, cutPlain.pixels)).toBe(0);
            expect(Buffer.compare(cut.valid, cutPlain.valid)).toBe(0);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('in the local contrast, whatever its memory was used for before', () => {
    const kernels = new StripKernels();
    const where = fc.record({
      left: fc.nat(7),
      right: fc.nat(7),
      firstLine: fc.nat(9),
      from: fc.nat(),
      to: fc.nat(),
    });
    fc.assert(
      fc.property(scene, where, (o, { left, right, firstLine, ...wanted }) => {
        const whole = render(o).area;
        const area = { ...whole, firstLine, offset: left, width: whole.width - left - right };
        const from = wanted.from % area.lines;
        const to = from + 1 + (wanted.to % (area.lines - from));
        const field = contrastField(area, TRI_MARGIN, kernels, { from, to });
        const plain = plainContrast(area, TRI_MARGIN);
        const defined = (values: Float32Array): Float32Array =>
          values.subarray(
            field.stride * (from === 0 ? 0 : from + TRI_MARGIN),
            field.stride * (to + TRI_MARGIN * (to === area.lines ? 2 : 1)),
          );
        expect(defined(field.values)).toEqual(defined(plain.values));
      }),
      { numRuns: 60 },
    );
  });

  it('in the local contrast of areas of a few pixels', () => {
    const side = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(side, side, fc.nat(9), fc.nat(), fc.boolean(), (width, lines, firstLine, seed, damaged) => {
        const random = seeded(seed);
        const data = Uint8Array.from({ length: width * lines }, () => random() * 256);
        const nulls = damaged ? data.map(() => (random() < 0.3 ? 1 : 0)) : null;
        const area = { firstLine, width, lines, data, stride: width, offset: 0, nulls };
        expect(contrastField(area, TRI_MARGIN).values).toEqual(plainContrast(area, TRI_MARGIN).values);
      }),
      { numRuns: 100 },
    );
  });

  it('in the residual at a peak', () => {
    const place = fc.record({ x: fc.nat(63), y: fc.nat(63) });
    fc.assert(
      fc.property(place, fc.nat(), fc.constantFrom(1, 3), (at, seed, channels) => {
        const random = seeded(seed);
        const pixels = Uint8Array.from({ length: channels * 4096 }, () => random() * 256);
        const valid = Uint8Array.from({ length: 4096 }, () => (random() < 0.9 ? 1 : 0));
        const made = Float32Array.from(pixels, (dn) => dn / 255 + random() - 0.5);
        expect(residualAt(pixels, valid, made, 64, at)).toBe(plainResidual(pixels, valid, made, 64, at));
      }),
    );
  });

  it('in the light around a place, which is the residual of a tile that nothing is known of', () => {
    const where = fc.record({
      tileX: fc.nat(40),
      tileY: fc.nat(20),
      place: fc.record({ x: fc.nat(63), y: fc.nat(63) }),
      damaged: fc.boolean(),
      seed: fc.nat(),
    });
    const kernels = new StripKernels();
    const nothing = new Float32Array(64 * 64);
    fc.assert(
      fc.property(where, ({ tileX, tileY, place, damaged, seed }) => {
        const random = seeded(seed);
        const [width, lines] = [110, 90];
        const data = Uint8Array.from({ length: width * lines }, () => random() * 256);
        const nulls = damaged ? data.map(() => (random() < 0.3 ? 1 : 0)) : null;
        const area = { firstLine: 0, width: width - 5, lines, data, stride: width, offset: 5, nulls };
        contrastField(area, TRI_MARGIN, kernels);
        const pixels = new Uint8Array(64 * 64);
        const valid = new Uint8Array(64 * 64);
        for (let i = 0; i < pixels.length; i++) {
          const at = (tileY + Math.floor(i / 64)) * width + tileX + (i % 64);
          pixels[i] = data[at]!;
          valid[i] = nulls?.[at] === 1 ? 0 : 1;
        }
        const expected = residualAt(pixels, valid, nothing, 64, place);
        expect(kernels.lightAround(tileX, tileY, 64, place)).toBeCloseTo(expected, 12);
      }),
    );
  });
});
