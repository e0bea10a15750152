import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { octantShare, TURNS, turnBack, turnInto, turnSquare } from '../../src/domain/turn.js';

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

  it('has eight different turns', () => {
    expect(new Set(TURNS.map((turn) => JSON.stringify(turn))).size).toBe(8);
  });
});
