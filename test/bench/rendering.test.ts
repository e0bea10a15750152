import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GroundPicture } from '../../bench/quality/render/ground.js';
import { renderBody, type Light } from '../../bench/quality/render/light.js';
import { boulder, debris, lander, rover } from '../../bench/quality/render/objects.js';
import { prism } from '../../bench/quality/render/solid.js';
import { tracks } from '../../bench/quality/render/tracks.js';
import { injectObjects, type Scenery } from '../../bench/quality/injections.js';
import { createRandom } from '../../src/domain/random.js';

const NADIR = { x: 0, y: 0, z: 1 };

function light(shadowDeg: number, incidenceDeg: number): Light {
  const angle = (shadowDeg * Math.PI) / 180;
  return { shadow: { x: Math.cos(angle), y: Math.sin(angle) }, incidenceDeg, towardsCamera: NADIR };
}

/** Ground with a little grain. */
function plainGround(side = 210, level = 100): Scenery {
  const random = createRandom(3);
  const data = Uint8Array.from({ length: side * side }, () => Math.round(level + 4 * random.normal()));
  return {
    name: 'plain',
    width: side,
    height: side,
    data,
    shadow: { x: 1, y: 0 },
    incidenceDeg: [60, 60.1],
  };
}

describe('a rendered body', () => {
  it('throws a shadow of its height times the tangent of the incidence, away from the Sun', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 40, max: 75, noNaN: true }),
        fc.double({ min: 2, max: 4, noNaN: true }),
        (incidence, height) => {
          const post = [prism(4, 2, 0, height, 0, 2)];
          const { ground, left, top, width } = renderBody(post, { x: 50, y: 50 }, light(0, incidence), 9);
          const line = (50 - top) * width;
          let length = 0;
          for (let x = 52; x < left + width; x++) length += 1 - ground[line + x - left]!;
          // What the shadow hides of the ground, scattered light left over.
          expect(length / 0.95).toBeCloseTo(height * Math.tan((incidence * Math.PI) / 180), 0);
          for (let x = left; x < 46; x++) expect(ground[line + x - left]).toBeCloseTo(1, 2);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('has a flat top as bright as its albedo says', () => {
    const { body, left, top, width } = renderBody(
      [prism(16, 6, 0, 1, 0, 1.7)],
      { x: 50, y: 50 },
      light(120, 55),
      9,
    );
    expect(body[(50 - top) * width + 50 - left]).toBeCloseTo(1.7 * 1.05, 1);
  });

  it('is the same scene turned when the Sun turns', () => {
    const turned = [0, 90, 180, 270].map((angle) => {
      const { ground } = renderBody([prism(4, 2, 0, 3, 0, 2)], { x: 50, y: 50 }, light(angle, 60), 9);
      return ground.reduce((sum, share) => sum + 1 - share, 0);
    });
    for (const area of turned) expect(area / turned[0]!).toBeCloseTo(1, 1);
  });

  it('leaves the ground alone beyond its shadow and keeps within the picture', () => {
    const random = createRandom(5);
    for (const make of [lander, rover, boulder]) {
      const { solids } = make(3, 4, random);
      const made = renderBody(solids, { x: 20, y: 20 }, light(33, 70), 2);
      const border = Array.from(made.ground.keys()).filter((p) => p % made.width === 0 || p < made.width);
      for (const p of border) expect(made.ground[p]).toBeCloseTo(1, 2);
      for (const value of made.body) expect(value).toBeLessThanOrEqual(2.001);
    }
  });
});

describe('objects drawn into a picture', () => {
  const picture = plainGround();
  const rounds = { lander: 1, 'large lander': 0, rover: 1, debris: 1, tracks: 1, boulder: 1 };

  it('change the picture where they stand, and are the same for the same seed', () => {
    const made = injectObjects(picture, rounds, 2);
    expect(injectObjects(picture, rounds, 2)).toEqual(made);
    for (const { kind, data, objects } of made) {
      expect(objects.length).toBeGreaterThan(0);
      const changed = (x: number, y: number): number => {
        let sum = 0;
        for (let v = -12; v <= 12; v++)
          for (let u = -12; u <= 12; u++) {
            const at = (Math.round(y) + v) * picture.width + Math.round(x) + u;
            sum += Math.abs(data[at]! - picture.data[at]!);
          }
        return sum;
      };
      for (const { x, y } of objects) expect(changed(x, y), kind).toBeGreaterThan(0);
    }
  });

  it('are not brighter than 99 % of the scene, its grain apart', () => {
    const ground = new GroundPicture(picture);
    for (const { data } of injectObjects(picture, rounds, 2))
      for (const value of data) expect(value).toBeLessThanOrEqual(ground.highest);
  });

  it('carry grain of the picture: what is drawn is as noisy as the ground', () => {
    const ground = new GroundPicture(picture);
    const data = Uint8Array.from(picture.data);
    const side = 40;
    const hidden = {
      left: 100,
      top: 100,
      width: side,
      height: side,
      ground: new Float32Array(side * side),
      body: new Float32Array(side * side).fill(1),
    };
    ground.place(data, hidden, 100, createRandom(1));
    const spread = (of: Uint8Array): number => {
      let sum = 0;
      let squares = 0;
      for (let y = 102; y < 138; y++)
        for (let x = 102; x < 138; x++) {
          const value = of[y * picture.width + x]!;
          sum += value;
          squares += value * value;
        }
      const count = 36 * 36;
      return Math.sqrt(squares / count - (sum / count) ** 2);
    };
    expect(spread(data) / spread(picture.data)).toBeGreaterThan(0.8);
    expect(spread(data) / spread(picture.data)).toBeLessThan(1.2);
  });

  it('leave the texture under tracks: they dim or brighten it by 3 to 15 %', () => {
    const random = createRandom(6);
    for (let n = 0; n < 20; n++) {
      const { contrast, rendering } = tracks({ x: 105, y: 105 }, picture, random);
      const strongest = rendering.ground.reduce((most, share) => Math.max(most, Math.abs(share - 1)), 0);
      expect(Math.abs(contrast)).toBeGreaterThanOrEqual(0.03);
      expect(strongest).toBeCloseTo(Math.abs(contrast), 5);
      expect(strongest).toBeLessThanOrEqual(0.15);
      expect(rendering.body.every((value) => value === 0)).toBe(true);
    }
  });

  it('include debris that lies flat: it throws next to no shadow', () => {
    const { height } = debris(6, createRandom(1));
    expect(height).toBeLessThan(0.3);
  });
});
