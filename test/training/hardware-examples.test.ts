import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/domain/random.js';
import type { Piece } from '../../src/training/hardware/body.js';
import { drawBody } from '../../src/training/hardware/draw.js';
import { makeExamples } from '../../src/training/hardware/examples.js';
import { cutPatch } from '../../src/training/hardware/terrain-patch.js';
import { terrainOf } from '../../src/training/hardware/terrains.js';

const AREA = 64 * 64;

/** Ground that gets brighter along the light, so that a patch shows which way it was turned. */
function ramp(away: { x: number; y: number }): ReturnType<typeof terrainOf> {
  const side = 200;
  const data = Uint8Array.from({ length: side * side }, (_, i) => {
    const along = ((i % side) - 100) * away.x + (Math.floor(i / side) - 100) * away.y;
    return Math.round(120 + along / 2);
  });
  return terrainOf('ramp', side, data, away);
}

describe('tiles to learn hardware from', () => {
  it('lie so that the light falls as it does in the image, at any angle of the Sun', () => {
    const random = createRandom(1);
    for (let deg = 0; deg < 360; deg += 24) {
      const away = { x: Math.cos((deg * Math.PI) / 180), y: Math.sin((deg * Math.PI) / 180) };
      for (let n = 0; n < 6; n++) {
        const patch = cutPatch(ramp(away), random);
        expect(patch.away.x).toBeGreaterThanOrEqual(patch.away.y - 1e-9);
        expect(patch.away.y).toBeGreaterThanOrEqual(-1e-9);
        let gx = 0;
        let gy = 0;
        for (let i = 0; i < AREA; i++) {
          gx += patch.pixels[i]! * ((i % 64) - 31.5);
          gy += patch.pixels[i]! * (Math.floor(i / 64) - 31.5);
        }
        const off = Math.atan2(gx * patch.away.y - gy * patch.away.x, gx * patch.away.x + gy * patch.away.y);
        expect(Math.abs(off)).toBeLessThan(0.03);
      }
    }
  });

  it('hold bodies that are bright, with their shadows on the side away from the Sun', () => {
    const pixels = new Float32Array(AREA).fill(100);
    const away = { x: Math.SQRT1_2, y: Math.SQRT1_2 };
    const square = { dx: 0, dy: 0, halfLength: 3, halfWidth: 3, turn: 0.3 };
    const box: Piece = { ...square, shape: 'box', height: 4, level: 200 };
    const view = { away, tan: 2, shade: 10, blur: 0.7, noise: 0 };
    drawBody(pixels, [box], { x: 30, y: 30 }, view, createRandom(1));
    const at = (x: number, y: number): number => pixels[y * 64 + x]!;
    expect(at(30, 30)).toBeGreaterThan(170);
    expect(at(35, 35)).toBeLessThan(30);
    expect(at(24, 24)).toBeCloseTo(100, 3);
    // The shadow of a height of 4 at a tangent of 2 ends 8 pixels behind the body's far edge.
    expect(at(42, 42)).toBeCloseTo(100, 0);
  });

  it('say in which cells what lies, and count nothing beside it', () => {
    const { bodies, tracks, tiles, octants } = makeExamples([ramp({ x: 0, y: 1 })], 300, createRandom(2));
    let landers = 0;
    for (let i = 0; i < 300; i++) {
      for (const targets of [bodies, tracks]) {
        const { cells, heads, there, weights, present } = targets;
        for (let head = 0; head < heads; head++) {
          let count = 0;
          for (let cell = 0; cell < cells * cells; cell++) {
            const k = (i * cells * cells + cell) * heads + head;
            count += there[k]!;
            if (there[k] === 1) expect(weights[k]).toBe(1);
          }
          expect(count > 0).toBe(present[i * heads + head] === 1);
        }
      }
      landers += bodies.present[i * 2]!;
    }
    expect(landers / 300).toBeGreaterThan(0.15);
    expect(landers / 300).toBeLessThan(0.35);
    expect(tiles.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(octants.every((u) => Math.abs(u) < 2)).toBe(true);
  });

  it('are the same for the same seed', () => {
    const terrain = [ramp({ x: 1, y: 0 })];
    const a = makeExamples(terrain, 12, createRandom(9));
    const b = makeExamples(terrain, 12, createRandom(9));
    expect(a.tiles).toEqual(b.tiles);
    expect(a.bodies.there).toEqual(b.bodies.there);
  });
});
