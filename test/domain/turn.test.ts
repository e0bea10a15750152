import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { turnSquare } from '../../src/domain/turn-square.js';
import { octantShare, TURNS, turnBack, turnInto } from '../../src/domain/turn.js';

const direction = fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }).map((angle) => ({
  x: Math.cos(angle),
  y: Math.sin(angle),
}));

describe('turning a square towards a direction', () => {
  it('brings every direction between +x and the diagonal', () => {
    fc.assert(
      fc.property(direction, (d) => {
        const { turn, angleDeg } = turnInto(d);
        let { x, y } = { x: turn.mirrorX ? -d.x : d.x, y: turn.mirrorY ? -d.y : d.y };
        if (turn.transpose) [x, y] = [y, x];
        expect((Math.atan2(y, x) * 180) / Math.PI).toBeCloseTo(angleDeg, 9);
        expect(angleDeg).toBeGreaterThanOrEqual(0);
        expect(angleDeg).toBeLessThanOrEqual(45);
        expect(Math.abs(octantShare(angleDeg))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('moves each pixel to where a step along the direction goes on along the turned one', () => {
    const size = 8;
    for (const turn of TURNS) {
      const from = Uint8Array.from({ length: size * size }, (_, i) => i);
      const to = new Uint8Array(size * size);
      turnSquare(from, to, size, turn);
      expect([...to].sort((a, b) => a - b)).toEqual([...from]);
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          const before = turnBack({ x, y }, size, turn);
          expect(to[y * size + x]).toBe(from[before.y * size + before.x]);
        }
      }
      // A step in the turned square, mirrored and transposed back, is the step in the original.
      const a = turnBack({ x: 2, y: 3 }, size, turn);
      const b = turnBack({ x: 3, y: 3 }, size, turn);
      const step = { x: b.x - a.x, y: b.y - a.y };
      const turned = { x: 0 + (turn.mirrorX ? -step.x : step.x), y: 0 + (turn.mirrorY ? -step.y : step.y) };
      expect(turn.transpose ? [turned.y, turned.x] : [turned.x, turned.y]).toEqual([1, 0]);
    }
  });

  it('moves them alike in squares of any size, wherever they lie in their arrays', () => {
    const place = fc.oneof(fc.constant(0), fc.nat(9));
    const side = fc.oneof(fc.constantFrom(4, 16, 64), fc.integer({ min: 1, max: 23 }));
    fc.assert(
      fc.property(
        side,
        fc.constantFrom(...TURNS),
        place,
        place,
        fc.nat(),
        (size, turn, fromAt, toAt, seed) => {
          const from = Uint8Array.from(
            { length: fromAt + size * size },
            (_, i) => Math.imul(i + seed, 2654435) >> 7,
          );
          const to = new Uint8Array(toAt + size * size + 3).fill(7);
          const plain = Uint8Array.from(to);
          for (let y = 0; y < size; y++) {
            for (let x = 0; x < size; x++) {
              const before = turnBack({ x, y }, size, turn);
              plain[toAt + y * size + x] = from[fromAt + before.y * size + before.x]!;
            }
          }
          turnSquare(from, to, size, turn, fromAt, toAt);
          expect(to).toEqual(plain);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('has eight different turns', () => {
    expect(new Set(TURNS.map((turn) => JSON.stringify(turn))).size).toBe(8);
  });
});
