import { describe, expect, it } from 'vitest';
import { TURNS, turnInto } from '../../src/domain/turn.js';
import { HardwareFinder } from '../../src/scoring/hardware-logits.js';
import type { CellLogits, TopLogits, TurnedBatch } from '../../src/scoring/scorer.js';

const SIZE = 64;
const AREA = SIZE * SIZE;

/** Stands in for a net: a cell's logit of a lander is its brightest pixel, less 200. */
function askBrightest(batch: TurnedBatch): Promise<CellLogits> {
  const bodies = new Float32Array(batch.count * 2 * 256).fill(-9);
  for (let tile = 0; tile < batch.count; tile++) {
    for (let i = 0; i < AREA; i++) {
      const cell = Math.floor(Math.floor(i / SIZE) / 4) * 16 + Math.floor((i % SIZE) / 4);
      const at = tile * 512 + cell;
      bodies[at] = Math.max(bodies[at]!, batch.pixels[tile * AREA + i]! - 200);
    }
  }
  return Promise.resolve({ bodies, tracks: new Float32Array(batch.count * 64).fill(-4) });
}

function tileWith(x: number, y: number): Uint8Array {
  const tile = new Uint8Array(AREA).fill(90);
  tile[y * SIZE + x] = 230;
  return tile;
}

describe('asking the learned scorer', () => {
  it('finds a body where it lies in the tile, whatever the Sun', async () => {
    for (let deg = 5; deg < 360; deg += 30) {
      const away = { x: Math.cos((deg * Math.PI) / 180), y: Math.sin((deg * Math.PI) / 180) };
      const finder = new HardwareFinder(askBrightest, SIZE, away);
      const tiles = Uint8Array.of(...tileWith(41, 13), ...tileWith(9, 50));
      const found = await finder.find(2, tiles, AREA);
      expect([...found.x, ...found.y]).toEqual([42, 10, 14, 50]);
      expect([found.lander[0], found.tracks[0]]).toEqual([30, -4]);
    }
  });

  it('tells the net where the light lies in the octant', async () => {
    const asked: TurnedBatch[] = [];
    const finder = new HardwareFinder(
      (batch) => {
        asked.push(batch);
        return askBrightest(batch);
      },
      SIZE,
      { x: -Math.SQRT1_2, y: Math.SQRT1_2 },
    );
    await finder.find(1, tileWith(30, 30), AREA);
    expect(asked[0]!.count).toBe(1);
    expect(asked[0]!.octants[0]).toBeCloseTo(1, 6);
  });

  it('tries all eight turns where the Sun is unknown, and maps the place back', async () => {
    const counts: number[] = [];
    const finder = new HardwareFinder(
      (batch) => {
        counts.push(batch.count);
        return askBrightest(batch);
      },
      SIZE,
      null,
    );
    const { x, y } = await finder.find(1, tileWith(41, 13), AREA);
    expect(counts).toEqual([TURNS.length]);
    expect([x[0], y[0]]).toEqual([42, 14]);
  });

  it('leaves the border to the neighbouring tiles', async () => {
    const { turn } = turnInto({ x: 1, y: 0 });
    expect(turn).toEqual({ mirrorX: false, mirrorY: false, transpose: false });
    const finder = new HardwareFinder(askBrightest, SIZE, { x: 1, y: 0 });
    const { lander } = await finder.find(1, tileWith(2, 30), AREA);
    expect(lander[0]).toBe(-9);
  });

  it('takes the highest over all turns of a scorer that tells of no cells', async () => {
    const topsOf = (batch: TurnedBatch): Promise<TopLogits> =>
      Promise.resolve({ tops: Float32Array.from({ length: 2 * batch.count }, (_, i) => (i * 5) % 31) });
    const found = await new HardwareFinder(topsOf, SIZE, null).find(2, new Uint8Array(2 * AREA), AREA);
    const [lander, small, tracks] = [found.lander, found.small, found.tracks].map((each) => [...each]);
    expect({ lander, small, tracks }).toEqual({ lander: [30, 28], small: [25, 23], tracks: [NaN, NaN] });
  });
});
