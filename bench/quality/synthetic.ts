import { planScene } from '../../src/simulation/scene.js';
import { createRandom } from '../../src/domain/random.js';
import { objectsOf, pick, plainOf, type CollectedImage } from './collect.js';
import type { FoldScorer } from './fold-scorer.js';
import { HARDWARE, type Kind } from './injections.js';
import { gridOf, TILE, tilesHolding } from './score-picture.js';

const SIDE = 1400;
const LANDERS = 16;
const INCIDENCE = { least: 36, most: 72 };

/**
 * One scene of the synthetic Moon with its own hardware, which stands in the terrain and is lit with it; tiles
 * that an object reaches without being held are left out.
 */
export async function collectSynthetic(
  scorer: FoldScorer,
  index: number,
  seed: number,
): Promise<CollectedImage> {
  const random = createRandom(seed * 1009 + index);
  const angle = 2 * Math.PI * random.uniform();
  const shadow = { x: Math.cos(angle), y: Math.sin(angle) };
  const scene = planScene({
    seed: seed * 100 + index,
    lines: SIDE,
    samples: SIDE,
    terrain: index % 2 === 0 ? 'rugged' : 'smooth',
    towardsSun: { x: -shadow.x, y: -shadow.y },
    incidenceDeg: INCIDENCE.least + (INCIDENCE.most - INCIDENCE.least) * random.uniform(),
    pixelAcrossM: 1,
    pixelAlongM: 1,
    frame: 'LEFT',
    landers: LANDERS,
  });
  const picture = { width: SIDE, height: SIDE, data: scene.render(0, SIDE) };
  const { named } = await scorer.plain(picture, shadow);
  const grid = gridOf(picture);
  const scored = (tile: number): boolean => !Number.isNaN(named['l2']![tile]);
  const hardware = scene.truth.filter(({ kind }) => HARDWARE.some((wanted) => wanted === kind));
  const objects = hardware.map(({ kind, sample, line, sizePx }) => ({
    kind: kind as Kind,
    x: sample,
    y: line,
    sizePx,
    incidenceDeg: scene.spec.incidenceDeg,
  }));
  const tiles = objects.map((object) => tilesHolding(grid, object).filter(scored));
  const touched = (tile: number): boolean => {
    const x = grid.xs[tile % grid.xs.length]!;
    const y = grid.ys[Math.floor(tile / grid.xs.length)]!;
    return objects.some(({ x: u, y: v, sizePx, kind }) => {
      const reach = sizePx + (kind === 'tracks' ? 0 : 20);
      return u + reach > x && u - reach < x + TILE && v + reach > y && v - reach < y + TILE;
    });
  };
  const plain = Array.from(named['l2']!.keys()).filter((tile) => scored(tile) && !touched(tile));
  const wanted = [...plain, ...tiles.flat()];
  const table = { ...pick(named, wanted), ...(await scorer.baselines(picture, wanted, named)) };
  const part = (from: number, to: number) =>
    pick(
      table,
      Array.from({ length: to - from }, (_, i) => from + i),
    );
  return {
    image: { name: `synthetic ${index}`, plain: plainOf(part(0, plain.length)) },
    objects: objectsOf(index, { objects }, tiles, part(plain.length, wanted.length)),
  };
}
