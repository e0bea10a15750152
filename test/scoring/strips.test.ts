import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TILE_STATES } from '../../src/domain/tile.js';
import { StripScorer } from '../../src/scoring/score-strip.js';
import { SCORE_HALO } from '../../src/scoring/strip-job.js';
import { joined, jobsOf, tallyScorer, terrain, type Picture } from './support.js';

const AWAY = { x: Math.cos(0.4), y: Math.sin(0.4) };

async function scoreAll(
  picture: Picture,
  o: { tileRows: number; batch: number; shadow?: typeof AWAY | null },
) {
  const scorer = new StripScorer(tallyScorer(), { channels: 1, batch: o.batch });
  const parts = [];
  for (const job of jobsOf(picture, o.shadow === undefined ? AWAY : o.shadow, o.tileRows)) {
    parts.push(await scorer.score(job));
  }
  return joined(parts);
}

/** Lost lines and packets, saturated and black blocks. */
function damaged(
  picture: Picture,
  wounds: readonly { x: number; y: number; lines: number; dn: number }[],
): Picture {
  const data = Uint8Array.from(picture.data);
  for (const { x, y, lines, dn } of wounds) {
    const [from, to] = dn === 0 ? [0, picture.width] : [x, x + 80];
    for (let line = y; line < Math.min(y + lines, picture.height); line++) {
      data.fill(dn, line * picture.width + from, line * picture.width + Math.min(to, picture.width));
    }
  }
  return { ...picture, data };
}

describe('scores of tiles', () => {
  it('have their place where the learned scorer sees a lander and TRI does not', async () => {
    const picture = terrain(64, 64, 3);
    picture.data[40 * 64 + 20] = 255;
    const { lander, peakX, peakY } = await scoreAll(picture, { tileRows: 1, batch: 4 });
    expect(lander).toEqual([Math.round((1000 * (255 - 128)) / 16)]);
    const apart = Math.hypot(peakX![0]! - 20, peakY![0]! - 40);
    expect(apart).toBeLessThan(9);
  });

  it('are bit for bit the same whatever the height of the strips and the size of the batches', async () => {
    const wound = fc.record({
      x: fc.nat(200),
      y: fc.nat(300),
      lines: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 90 })),
      dn: fc.constantFrom(0, 1, 255),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.record({ width: fc.integer({ min: 64, max: 230 }), height: fc.integer({ min: 200, max: 330 }) }),
        fc.array(wound, { maxLength: 3 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        async (size, wounds, tileRows, batch, seed) => {
          const picture = damaged(terrain(size.width, size.height, seed), wounds);
          const whole = await scoreAll(picture, { tileRows: 1000, batch: 1000 });
          expect(await scoreAll(picture, { tileRows, batch })).toEqual(whole);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('ask for 52 lines of neighbours', () => {
    expect(SCORE_HALO).toBe(52);
  });

  it('are NaN, and the model is not asked, where a tile is masked', async () => {
    const picture = damaged(terrain(128, 200, 1), [{ x: 0, y: 60, lines: 64, dn: 0 }]);
    const batches: number[] = [];
    const scorer = new StripScorer(tallyScorer(batches), { channels: 1, batch: 64 });
    const [job] = jobsOf(picture, AWAY, 1000);
    const parts = await scorer.score(job!);
    const masked = Array.from(parts.state, (state) => TILE_STATES[state] === 'null');
    expect(masked.filter(Boolean)).toHaveLength(12);
    for (const values of [parts.l2, parts.muNorm, parts.bright, parts.brightPeak, parts.tri, parts.mad]) {
      expect(Array.from(values, Number.isNaN)).toEqual(masked);
    }
    expect(batches.reduce((a, b) => a + b, 0)).toBe(masked.filter((m) => !m).length);
  });

  it('of a grey tile fill every channel of a model that has three', async () => {
    const picture = terrain(64, 64, 3);
    let seen: Uint8Array | undefined;
    const spy = tallyScorer();
    const scorer = new StripScorer(
      { ...spy, score: (batch) => ((seen = Uint8Array.from(batch.pixels)), spy.score(batch)) },
      { channels: 3, batch: 2 },
    );
    await scorer.score(jobsOf(picture, AWAY, 1)[0]!);
    for (const channel of [0, 1, 2])
      expect(seen!.subarray(channel * 4096, (channel + 1) * 4096)).toEqual(picture.data);
  });

  it('stop between two batches when aborted', async () => {
    const abort = new AbortController();
    const batches: number[] = [];
    const slow = tallyScorer(batches);
    const scorer = new StripScorer(
      { ...slow, score: (batch) => (abort.abort(new Error('enough')), slow.score(batch)) },
      { channels: 1, batch: 4 },
    );
    const [job] = jobsOf(terrain(200, 200, 1), AWAY, 1000);
    await expect(scorer.score(job!, abort.signal)).rejects.toThrow('enough');
    expect(batches).toEqual([4]);
  });
});
