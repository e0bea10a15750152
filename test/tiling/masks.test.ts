import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TILE_STATES } from '../../src/domain/tile.js';
import { TileInspector } from '../../src/tiling/inspect-tile.js';
import { DEFAULT_MASKS, masksFor } from '../../src/tiling/mask-options.js';
import { findNullPixels, NULL_REACH } from '../../src/tiling/null-pixels.js';

const WIDTH = 1200;

/** Bright terrain with a little noise, painted over by `paint`. */
function picture(lines: number, paint: (x: number, y: number) => number | null, width = WIDTH) {
  const data = new Uint8Array(width * lines);
  for (let y = 0; y < lines; y++) {
    for (let x = 0; x < width; x++) data[y * width + x] = paint(x, y) ?? 90 + ((x * 7 + y * 13) % 11);
  }
  return { firstLine: 0, lines, width, data };
}

const count = (flags: Uint8Array | null): number => flags?.reduce((a, b) => a + b, 0) ?? 0;

function inspect(strip: ReturnType<typeof picture>, x = 0, y = 0) {
  const tile = new TileInspector(strip, findNullPixels(strip, DEFAULT_MASKS), 64, DEFAULT_MASKS).inspect(
    x,
    y,
  );
  return { ...tile, state: TILE_STATES[tile.state] };
}

describe('null pixels', () => {
  it('are found in a lost packet', () => {
    const strip = picture(20, (x, y) => (y === 7 && x >= 100 && x < 700 ? 0 : null));
    const flags = findNullPixels(strip, DEFAULT_MASKS)!;
    expect(count(flags)).toBe(600);
    expect(flags[7 * WIDTH + 100]).toBe(1);
    expect(flags[7 * WIDTH + 99]).toBe(0);
  });

  it('are found in lost lines that reach the border, or span the image', () => {
    expect(
      count(
        findNullPixels(
          picture(4, (x, y) => (y === 1 && x < 600 ? 0 : null)),
          DEFAULT_MASKS,
        ),
      ),
    ).toBe(600);
    expect(
      count(
        findNullPixels(
          picture(4, (_, y) => (y === 1 ? 0 : null)),
          DEFAULT_MASKS,
        ),
      ),
    ).toBe(WIDTH);
  });

  it('are not seen in a shadow clipped to zero, which fades in at its tip', () => {
    const strip = picture(8, (x) => {
      if (x < 200 || x >= 830) return null;
      return x < 800 ? 0 : (x - 800) * 3;
    });
    expect(findNullPixels(strip, DEFAULT_MASKS)).toBeNull();
  });

  it('are not seen in short black runs, nor in darkness as far as the eye reaches', () => {
    expect(
      findNullPixels(
        picture(8, (x) => (x >= 100 && x < 600 ? 0 : null)),
        DEFAULT_MASKS,
      ),
    ).toBeNull();
    expect(
      findNullPixels(
        picture(8, (x) => (x < 600 ? 0 : 1)),
        DEFAULT_MASKS,
      ),
    ).toBeNull();
  });

  it('in images narrower than a run are whole black lines', () => {
    const strip = picture(8, (_, y) => (y === 3 ? 0 : null), 100);
    expect(count(findNullPixels(strip, DEFAULT_MASKS))).toBe(100);
    expect(
      findNullPixels(
        picture(8, (x, y) => (y === 3 && x > 0 ? 0 : null), 100),
        DEFAULT_MASKS,
      ),
    ).toBeNull();
  });

  it('take the ringing of lossy blocks beside the cut with them', () => {
    const strip = picture(20, (x, y) => {
      if (x < 100 || x >= 800) return null;
      if (y >= 8 && y < 12) return 0;
      return y >= 12 && y < 15 ? 5 : null;
    });
    expect(count(findNullPixels(strip, DEFAULT_MASKS))).toBe(700 * 7);
  });

  it('are every zero, and nothing else, where an image keeps the value for them', () => {
    const masks = masksFor({ exactNulls: true }, DEFAULT_MASKS);
    expect(masksFor({ exactNulls: false }, DEFAULT_MASKS)).toBe(DEFAULT_MASKS);
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 60 }), (drawn) => {
        const strip = picture(9, (x, y) => drawn[(x + 7 * y) % drawn.length]!);
        const flags = findNullPixels(strip, masks) ?? new Uint8Array(strip.data.length);
        expect(
          Buffer.compare(
            flags,
            strip.data.map((dn) => (dn === 0 ? 1 : 0)),
          ),
        ).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('do not depend on how the image is cut, beyond their reach', () => {
    const bands = fc.array(
      fc.record({ y: fc.nat(50), lines: fc.integer({ min: 1, max: 9 }), x: fc.nat(500) }),
      {
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(bands, fc.nat(30), (lost, first) => {
        const whole = picture(60, (x, y) => {
          const band = lost.find((b) => y >= b.y - 5 && y < b.y + b.lines + 5 && x >= b.x && x < b.x + 600);
          if (!band) return null;
          return y >= band.y && y < band.y + band.lines ? 0 : 9;
        });
        const part = {
          ...whole,
          lines: 30,
          data: whole.data.subarray(first * WIDTH, (first + 30) * WIDTH),
        };
        const a = findNullPixels(whole, DEFAULT_MASKS) ?? new Uint8Array(60 * WIDTH);
        const b = findNullPixels(part, DEFAULT_MASKS) ?? new Uint8Array(30 * WIDTH);
        const inner = [NULL_REACH * WIDTH, (30 - NULL_REACH) * WIDTH] as const;
        expect(
          Buffer.compare(
            b.subarray(...inner),
            a.subarray(first * WIDTH + inner[0], first * WIDTH + inner[1]),
          ),
        ).toBe(0);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a tile', () => {
  it('is scored with a little lost data, which is filled with its median and flagged', () => {
    const strip = picture(64, (_, y) => (y < 3 ? 0 : null));
    const inspector = new TileInspector(strip, findNullPixels(strip, DEFAULT_MASKS), 64, DEFAULT_MASKS);
    const tile = inspector.inspect(0, 0);
    expect(TILE_STATES[tile.state]).toBe('scored');
    expect(tile.invalid).toBe(3 * 64);
    const pixels = new Uint8Array(64 * 64);
    const valid = new Uint8Array(64 * 64);
    inspector.cut(0, 0, tile, pixels, valid);
    expect(pixels[5]).toBe(tile.median);
    expect(valid.reduce((a, b) => a + b)).toBe(61 * 64);
    expect(pixels[64 * 10 + 3]).toBe(strip.data[WIDTH * 10 + 3]);
  });

  it('is masked as null when more than 5 % is lost', () => {
    expect(inspect(picture(64, (_, y) => (y < 4 ? 0 : null))).state).toBe('null');
  });

  it('is scored half in shadow or half saturated, and masked above 75 %', () => {
    for (const [dn, state] of [
      [2, 'shadow'],
      [255, 'saturated'],
    ] as const) {
      expect(inspect(picture(64, (x) => (x % 64 < 48 ? dn : null))).state).toBe('scored');
      expect(inspect(picture(64, (x) => (x % 64 < 49 ? dn : null))).state).toBe(state);
    }
  });

  it('keeps its shadow and its saturated pixels as they are', () => {
    const strip = picture(64, (x) => (x < 20 ? 1 : x < 30 ? 255 : null));
    const inspector = new TileInspector(strip, null, 64, DEFAULT_MASKS);
    const pixels = new Uint8Array(64 * 64);
    inspector.cut(0, 0, inspector.inspect(0, 0), pixels, new Uint8Array(64 * 64));
    expect([pixels[0], pixels[25]]).toEqual([1, 255]);
  });

  it('is masked as detector when it lies on the columns that never saw the Moon', () => {
    expect(
      inspect(
        picture(64, () => null, 5064),
        0,
      ).state,
    ).toBe('detector');
    expect(
      inspect(
        picture(64, () => null, 5064),
        64,
      ).state,
    ).toBe('scored');
    expect(
      inspect(
        picture(64, () => null, 2532),
        2512 - 64,
      ).state,
    ).toBe('scored');
  });

  it('has the median and the spread that sorting its pixels gives', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 60 }), (seed, range) => {
        let state = seed;
        const random = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
        const strip = picture(
          64,
          () => 100 + Math.floor(range * random()) + Math.floor(range * random()),
          64,
        );
        const middle = (values: ArrayLike<number>): number => Float64Array.from(values).sort()[2048]!;
        const median = middle(strip.data);
        const mad = middle(strip.data.map((value) => Math.abs(value - median)));
        const tile = inspect(strip);
        expect(Math.abs(tile.median - median)).toBeLessThanOrEqual(1);
        expect(Math.abs(tile.spread * median - mad)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 50 },
    );
  });
});
