import { normaliseImage, scoreTiles, type PooledStatistics } from '../../../src/scoring/normalise.js';
import { objectsOf, plainOf, type CollectedImage } from '../collect.js';
import type { BenchObject } from '../draws.js';
import { injectObjects, ROUNDS, type Scenery } from '../injections.js';
import { gridOf, tilesHolding, type ScoreTable } from '../score-picture.js';
import { type PlainPlaces, placesOf } from './places.js';
import { COMPARED, type Compared, type NetScorers } from './net-scorers.js';

/** Scores that the net decides, wholly or in part. */
export const SCORES = ['z_lander', 'z_small', 'z_tracks', 'c'] as const;
export type NetScore = (typeof SCORES)[number];

export const nameOf = (net: Compared, score: NetScore): string => `${net} ${score}`;

export interface CollectedNets extends CollectedImage {
  readonly plainPlaces: PlainPlaces;
}

/** Scores a picture as it is and with hardware drawn in, by each net, against the plain tiles as that net sees them. */
export async function collectNets(
  scorers: NetScorers,
  picture: Scenery,
  index: number,
  seed: number,
): Promise<CollectedNets> {
  const grid = gridOf(picture);
  const { tiles, parts } = await scorers.score(picture);
  const plain: Record<string, Float32Array> = {};
  const terrains = new Map<Compared, PooledStatistics>();
  for (const net of COMPARED) {
    const { named, terrain } = normaliseImage(parts[net], null);
    Object.assign(plain, scoresOf(net, named));
    terrains.set(net, terrain);
  }
  const objects: BenchObject[] = [];
  for (const injected of injectObjects(picture, { ...ROUNDS, 'large lander': 0, boulder: 0 }, seed)) {
    let held: number[][] = [];
    const drawn = await scorers.score({ ...picture, data: injected.data }, (unmasked) => {
      const scored = new Set(unmasked);
      held = injected.objects.map((object) => tilesHolding(grid, object).filter((tile) => scored.has(tile)));
      return held.flat();
    });
    const table: Record<string, Float32Array> = {};
    for (const net of COMPARED)
      Object.assign(table, scoresOf(net, scoreTiles(drawn.parts[net], terrains.get(net)!)));
    objects.push(...objectsOf(index, injected, held, table));
  }
  const places = new Map(
    Object.entries(plain).map(([name, scores]) => {
      const all = new Float64Array(grid.xs.length * grid.ys.length).fill(NaN);
      tiles.forEach((tile, i) => (all[tile] = scores[i]!));
      return [name, Float64Array.from(placesOf(all, grid.xs.length), (tile) => all[tile]!).sort()];
    }),
  );
  return {
    image: { name: picture.name, plain: plainOf(plain) },
    objects,
    plainPlaces: { tiles: tiles.length, places },
  };
}

function scoresOf(net: Compared, named: ScoreTable): Record<string, Float32Array> {
  return Object.fromEntries(SCORES.map((score) => [nameOf(net, score), named[score]!]));
}
