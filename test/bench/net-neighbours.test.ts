import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { cellsOfTiles, planesOf } from '../../bench/quality/net-neighbours/net-planes.js';
import { foundAtPlaces, placesOf } from '../../bench/quality/net-neighbours/places.js';
import { logitsAlone, logitsTogether } from '../../bench/quality/net-neighbours/tile-logits.js';
import { CommonParts, scoredTiles } from '../../bench/quality/neighbours/common-parts.js';
import { turnPicture } from '../../bench/net-strip/turn-picture.js';
import { shippedModel } from '../../bench/shipped-model.js';
import { createRandom } from '../../src/domain/random.js';
import { octantShare, TURNS, turnInto } from '../../src/domain/turn.js';
import { HardwareNet, initialHardwareWeights } from '../../src/model/hardware-net.js';
import { hardwarePlanes } from '../../src/model/hardware-planes.js';
import { loadModelFolder } from '../../src/model/load-model-folder.js';
import { readSafetensors } from '../../src/model/safetensors.js';
import { makeExamples } from '../../src/training/hardware/examples.js';
import { terrainOf } from '../../src/training/hardware/terrains.js';
import { groundImage, tensorFlowIfBuilt } from '../training/support.js';

const tf = await tensorFlowIfBuilt();
const ground = groundImage('ground', 160, 192, 4);
const scenery = (data: Uint8Array, width: number, shadow: { x: number; y: number }) => ({
  ...{ name: 'ground', width, height: data.length / width, data, shadow },
  incidenceDeg: [50, 60] as const,
});

describe('examples with real pixels around their tiles', () => {
  const flat = terrainOf('flat', 320, new Uint8Array(320 * 320).fill(100), { x: 0, y: 1 });

  it('say in which cells of the tile things lie, whatever lies around', () => {
    const { tiles, bodies, octants } = makeExamples([flat], 120, createRandom(3), 32);
    expect(tiles.length).toBe(120 * 128 * 128);
    expect(octants.length).toBe(120);
    let landers = 0;
    for (let i = 0; i < 120; i++) {
      for (let cell = 0; cell < 256; cell++) {
        if (bodies.there[(i * 256 + cell) * 2] !== 1) continue;
        landers++;
        const [x, y] = [32 + 4 * (cell % 16), 32 + 4 * Math.floor(cell / 16)];
        const around: number[] = [];
        for (let row = y - 4; row < y + 8; row++)
          for (let column = x - 4; column < x + 8; column++)
            around.push(tiles[(i * 128 + row) * 128 + column]!);
        expect(Math.max(...around) - Math.min(...around)).toBeGreaterThan(0.03);
      }
    }
    expect(landers).toBeGreaterThan(10);
  });

  it('give the way without neighbours the tiles in their middle', () => {
    const examples = makeExamples([flat], 4, createRandom(5), 32);
    const middles = examples.tiles.filter((_, i) =>
      [Math.floor(i / 128) % 128, i % 128].every((at) => at >= 32 && at < 96),
    );
    const { values, side } = planesOf('zeros', examples);
    expect(side).toBe(64);
    expect(values).toEqual(hardwarePlanes(middles, examples.octants));
  });
});

describe('places of plain tiles', () => {
  it('are those that no tile around them outdoes, the first of equal ones', () => {
    const none = NaN;
    expect(placesOf([5, 1, 1, 1, 1, 1, none, 1, 7, 7, 1, 1], 4)).toEqual([0, 8]);
    expect(placesOf([3, 3, none, 2], 4)).toEqual([0, 3]);
    expect(placesOf([none, none], 2)).toEqual([]);
  });

  it('are counted against the best tile of each object', () => {
    const places = new Map([['s', Float64Array.of(1, 2, 3)]]);
    const pictures = [
      { tiles: 1000, places },
      { tiles: 1000, places },
    ];
    const object = (image: number, ...tiles: number[]) => ({
      ...{ image, kind: 'lander', sizePx: 5, tiles: new Map([['s', Float64Array.from(tiles)]]) },
    });
    const objects = [0, 1].flatMap((image) => [object(image, 0, 3.5), object(image, 2.5, 1)]);
    const share = (perThousand: number) =>
      foundAtPlaces(['s'], pictures, objects, perThousand, { draws: 10, seed: 1 }).get('s')!.share;
    expect(share(0.5)).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
    expect(share(1)).toEqual({ value: 1, low: 1, high: 1 });
  });
});

describe.skipIf(tf === null)('logits of tiles', () => {
  it('alone are those of a scan', async () => {
    const folder = shippedModel()!;
    const { weightsPath } = await loadModelFolder(folder);
    const net = new HardwareNet(tf!, readSafetensors(await readFile(weightsPath), weightsPath));
    const common = await CommonParts.open(folder);
    try {
      const picture = scenery(ground.pixels, 160, { x: -0.6, y: 0.8 });
      const parts = await common.of(picture, picture.shadow);
      const tiles = scoredTiles(parts);
      const found = logitsAlone(tf!, net, picture, tiles);
      tiles.forEach((tile, i) => {
        expect(Math.abs(1000 * found.lander[i]! - parts.lander[tile]!)).toBeLessThan(2);
        expect(Math.abs(1000 * found.small[i]! - parts.small[tile]!)).toBeLessThan(2);
        expect(Math.abs(8 * found.tracks[i]! - parts.tracks[tile]!)).toBeLessThan(0.6);
      });
    } finally {
      net.dispose();
      await common.close();
    }
  });

  it('with neighbours are the same whichever way the picture and its light are turned', () => {
    const net = new HardwareNet(tf!, initialHardwareWeights(2));
    const away = { x: 0.8, y: 0.6 };
    const sorted = (data: Uint8Array, width: number, shadow: { x: number; y: number }) => {
      const tiles = Array.from({ length: 4 * 5 }, (_, i) => i);
      const { inner, all } = logitsTogether(tf!, net, scenery(data, width, shadow), tiles);
      all.lander.forEach((logit, i) => expect(logit).toBeGreaterThanOrEqual(inner.lander[i]!));
      return [inner.lander, inner.small, all.lander, all.tracks].map((logits) => logits.toSorted());
    };
    const wanted = sorted(ground.pixels, 160, away);
    for (const turn of TURNS) {
      const { pixels, width } = turnPicture(ground.pixels, 160, turn);
      const x = turn.mirrorX ? -away.x : away.x;
      const y = turn.mirrorY ? -away.y : away.y;
      const found = sorted(pixels, width, turn.transpose ? { x: y, y: x } : { x, y });
      found.forEach((logits, n) =>
        logits.forEach((logit, i) => expect(logit).toBeCloseTo(wanted[n]![i]!, 3)),
      );
    }
    net.dispose();
  });

  it('with neighbours are read from the cells that training is told of', () => {
    const net = new HardwareNet(tf!, initialHardwareWeights(2));
    const away = { x: 0.8, y: 0.6 };
    const at = { x: 32, y: 64 };
    const window = new Float32Array(128 * 128);
    for (let i = 0; i < window.length; i++)
      window[i] = ground.pixels[(at.y - 32 + Math.floor(i / 128)) * 160 + at.x - 32 + (i % 128)]! / 255;
    const octants = Float32Array.of(octantShare(turnInto(away).angleDeg));
    const { values, side, planes } = planesOf('neighbours', { tiles: window, octants, count: 1 });
    const logits = tf!.tidy(() =>
      cellsOfTiles('neighbours', net.logits(tf!.tensor4d(values, [1, side, side, planes]))),
    );
    const [bodies, tracks] = [logits.bodies, logits.tracks].map((one) => one.dataSync<'float32'>()) as [
      Float32Array,
      Float32Array,
    ];
    expect(bodies.length).toBe(2 * 256);
    const picture = scenery(ground.pixels, 160, away);
    const { all } = logitsTogether(
      tf!,
      net,
      picture,
      Array.from({ length: 20 }, (_, i) => i),
    );
    const tile = (at.y / 32) * 4 + at.x / 32;
    // Contrast is standardised over a little less in training, far from the tile.
    const landers = bodies.filter((_, i) => i % 2 === 0);
    const spread = Math.max(...all.lander) - Math.min(...all.lander);
    expect(Math.abs(Math.max(...landers) - all.lander[tile]!)).toBeLessThan(0.05 * spread);
    const trackSpread = Math.max(...all.tracks) - Math.min(...all.tracks);
    expect(Math.abs(Math.max(...tracks) - all.tracks[tile]!)).toBeLessThan(0.05 * trackSpread);
    net.dispose();
  });
});
