import { MOON_RADIUS_M, type LonLat } from '../domain/geometry.js';
import { toVector } from '../geo/sphere.js';

/** Finds places near a place by cubes of space: no edge of the map, no pole. */
export class Neighbours<T extends LonLat> {
  readonly #cubes = new Map<string, T[]>();
  readonly #side: number;

  /** @param reachM the most that is asked for */
  constructor(items: readonly T[], reachM: number) {
    this.#side = reachM / MOON_RADIUS_M;
    for (const item of items) {
      const key = this.#cube(item).join();
      const there = this.#cubes.get(key);
      if (there === undefined) this.#cubes.set(key, [item]);
      else there.push(item);
    }
  }

  /** All within reach of a place, and some beyond. */
  near(place: LonLat): T[] {
    const [x, y, z] = this.#cube(place);
    const found: T[] = [];
    for (const dx of [-1, 0, 1])
      for (const dy of [-1, 0, 1])
        for (const dz of [-1, 0, 1])
          found.push(...(this.#cubes.get([x! + dx, y! + dy, z! + dz].join()) ?? []));
    return found;
  }

  #cube(place: LonLat): number[] {
    return toVector(place).map((value) => Math.floor(value / this.#side));
  }
}
