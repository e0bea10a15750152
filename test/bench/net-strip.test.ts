import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { exportStripNet } from '../../bench/net-strip/export-strip-net.js';
import { NeighbourContrast } from '../../bench/net-strip/neighbour-contrast.js';
import { StripPlanes } from '../../bench/net-strip/strip-planes.js';
import { turnPicture } from '../../bench/net-strip/turn-picture.js';
import { createRandom } from '../../src/domain/random.js';
import { turnSquare } from '../../src/domain/turn-square.js';
import { TURNS } from '../../src/domain/turn.js';
import { exportHardwareNet } from '../../src/model/export-hardware.js';
import { initialHardwareWeights } from '../../src/model/hardware-net.js';
import { hardwarePlanes } from '../../src/model/hardware-planes.js';
import { locateTensors, writeSafetensors } from '../../src/model/safetensors.js';

const random = createRandom(5);
const noise = (width: number, height: number): Uint8Array =>
  Uint8Array.from({ length: width * height }, (_, i) => 90 + 40 * Math.sin(i / 31) + 12 * random.normal());

/** c, and its deviation over 65 x 65 pixels, of one pixel, by their definition. */
function plain(pixels: Uint8Array, width: number, x: number, y: number): { c: number; s: number } {
  const height = pixels.length / width;
  const around = (u: number, v: number, reach: number, of: (x: number, y: number) => number): number => {
    let [sum, count] = [0, 0];
    for (let row = Math.max(0, v - reach); row <= Math.min(height - 1, v + reach); row++)
      for (let column = Math.max(0, u - reach); column <= Math.min(width - 1, u + reach); column++) {
        sum += of(column, row);
        count++;
      }
    return sum / count;
  };
  const contrasts = new Map<number, number>();
  const c = (u: number, v: number): number => {
    const known = contrasts.get(v * width + u);
    if (known !== undefined) return known;
    const level = around(u, v, 8, (a, b) => pixels[b * width + a]!);
    const made = (pixels[v * width + u]! - level) / Math.max(level, 0.08 * 255);
    contrasts.set(v * width + u, made);
    return made;
  };
  const variance = around(x, y, 32, (a, b) => c(a, b) ** 2);
  return { c: c(x, y), s: c(x, y) / Math.max(Math.sqrt(variance), 0.01) };
}

describe('contrast against real neighbours', () => {
  const [width, height] = [88, 76];
  const pixels = noise(width, height);

  it('is that of its definition, at the border too', () => {
    const { contrast, standard } = new NeighbourContrast().measure(pixels, width);
    const at = fc.record({
      x: fc.integer({ min: 0, max: width - 1 }),
      y: fc.integer({ min: 0, max: height - 1 }),
    });
    fc.assert(
      fc.property(at, ({ x, y }) => {
        const wanted = plain(pixels, width, x, y);
        expect(contrast[y * width + x]).toBeCloseTo(wanted.c, 5);
        expect(standard[y * width + x]).toBeCloseTo(wanted.s, 4);
      }),
      { numRuns: 12 },
    );
  });

  it('of a picture of a tile’s size has the c of that tile', () => {
    const tile = noise(64, 64);
    const planes = hardwarePlanes(
      Float32Array.from(tile, (dn) => dn / 255),
      Float32Array.of(0.4),
    );
    const { contrast } = new NeighbourContrast().measure(tile, 64);
    contrast.forEach((c, i) => expect(c).toBeCloseTo(planes[5 * i]!, 5));
  });

  it('comes from WebAssembly alike, by squares of pixels and with u', () => {
    const { contrast, standard } = new NeighbourContrast().measure(pixels, width);
    const maker = new StripPlanes(width, height);
    const u = -0.375;
    const wide = new Float32Array(maker.length);
    const narrow = new Uint16Array(maker.length);
    for (let run = 0; run < 2; run++) {
      maker.write(pixels, u, wide);
      maker.write(pixels, u, narrow);
    }
    let worst = 0;
    for (let i = 0; i < pixels.length; i++) {
      const [x, y] = [i % width, Math.floor(i / width)];
      const at = ((y >> 1) * (width / 2) + (x >> 1)) * 17 + 2 * (y & 1) + (x & 1);
      const wanted = [contrast[i]!, contrast[i]! * u, standard[i]!, standard[i]! * u];
      wanted.forEach((value, plane) => {
        worst = Math.max(worst, Math.abs(wide[at + 4 * plane]! - value));
      });
    }
    expect(worst).toBeLessThan(1e-4);
    expect(wide[16]).toBe(u);
    const widened = new Float32Array(Uint32Array.from(narrow, (bits) => bits << 16).buffer);
    wide.forEach((value, i) =>
      expect(Math.abs(widened[i]! - value)).toBeLessThanOrEqual(Math.abs(value) / 256),
    );
  });
});

describe('the learned scorer over a strip', () => {
  it('says of a strip that is one tile what it says of the tile', async () => {
    const weights = initialHardwareWeights(3);
    const file = writeSafetensors(weights, () => 'F32');
    const run = async (graph: Uint8Array, feeds: Record<string, Tensor>) =>
      (await InferenceSession.create(graph, { executionProviders: ['cpu'] })).run(feeds);
    const tile = noise(64, 64);
    const given = {
      turned: new Tensor('uint8', tile, [1, 1, 64, 64]),
      octant: new Tensor('float32', [0.3], [1]),
    };
    const { bodies, tracks } = await run(exportHardwareNet(locateTensors(file, 'memory'), file), given);
    const planes = hardwarePlanes(
      Float32Array.from(tile, (dn) => dn / 255),
      Float32Array.of(0.3),
    );
    const squares = new Float32Array(32 * 32 * 17);
    for (let i = 0; i < 64 * 64; i++) {
      const [x, y] = [i % 64, Math.floor(i / 64)];
      const at = ((y >> 1) * 32 + (x >> 1)) * 17;
      for (let plane = 0; plane < 4; plane++)
        squares[at + 4 * plane + 2 * (y & 1) + (x & 1)] = planes[5 * i + plane]!;
      squares[at + 16] = planes[5 * i + 4]!;
    }
    const graph = exportStripNet(weights, {
      lines: 64,
      samples: 64,
      stride: 32,
      tracks: true,
      type: 'float',
    });
    const found = await run(graph, { planes: new Tensor('float32', squares, [1, 32, 32, 17]) });
    const inner = (body: number): number =>
      Math.max(
        ...Array.from({ length: 14 * 14 }, (_, i) => {
          const cell = (1 + Math.floor(i / 14)) * 16 + 1 + (i % 14);
          return (bodies!.data as Float32Array)[body * 256 + cell]!;
        }),
      );
    expect(found['tops']!.data[0]).toBeCloseTo(inner(0), 3);
    expect(found['tops']!.data[1]).toBeCloseTo(inner(1), 3);
    expect(found['topTracks']!.data[0]).toBeCloseTo(Math.max(...(tracks!.data as Float32Array)), 3);
  });

  it('gives one logit for each tile of a strip', async () => {
    const graph = exportStripNet(initialHardwareWeights(4), {
      ...{ lines: 128, samples: 160, stride: 32, tracks: true, type: 'float' },
    });
    const session = await InferenceSession.create(graph, { executionProviders: ['cpu'] });
    const maker = new StripPlanes(160, 128);
    const planes = new Float32Array(maker.length);
    maker.write(noise(160, 128), 0.1, planes);
    const { tops, topTracks } = await session.run({ planes: new Tensor('float32', planes, [1, 64, 80, 17]) });
    expect(tops!.dims).toEqual([1, 2, 3, 4]);
    expect(topTracks!.dims).toEqual([1, 1, 3, 4]);
  });
});

describe('a picture of any sides', () => {
  it('is turned as tiles are', () => {
    const tile = noise(64, 64);
    for (const turn of TURNS) {
      const wanted = new Uint8Array(tile.length);
      turnSquare(tile, wanted, 64, turn);
      expect(turnPicture(tile, 64, turn)).toEqual({ pixels: wanted, width: 64 });
    }
    const turned = turnPicture(Uint8Array.of(1, 2, 3, 4, 5, 6), 3, {
      mirrorX: true,
      mirrorY: false,
      transpose: true,
    });
    expect(turned).toEqual({ pixels: Uint8Array.of(3, 6, 2, 5, 1, 4), width: 2 });
  });
});
