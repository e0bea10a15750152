import fc from 'fast-check';
import type { Random } from '../../../src/domain/random.js';
import { mutateBytes, pick } from './mutate.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Values that no field expects, those of fast-check among them; the same in every run. */
const STRANGE: readonly Json[] = [
  ...[null, true, false, 0, -0, -1, 1, 0.5, 1e308, -1e308, 5e-324, 2 ** 31, 2 ** 53, 1e21],
  ...['', ' ', '0', '-1', 'NaN', 'null', 'toString', '__proto__', '\0', '\ud800', 'é'.repeat(300)],
  ...[[], {}, [[]], [null], { '': null }, { length: 3 }, { constructor: 1 }, new Array<Json>(500).fill(0)],
  ...(fc.sample(fc.jsonValue({ maxDepth: 3 }), { seed: 1969, numRuns: 300 }) as Json[]),
];
/** Of inputs that are changed as text, so that they mostly are no JSON any more. */
const SHARE_OF_TEXT = 0.2;

/** A JSON text with one to six values wrong, missing, doubled or moved; some are damaged as text. */
export function mutateJson(random: Random, sample: Json): Buffer {
  const root = { root: structuredClone(sample) };
  if (random.uniform() < SHARE_OF_TEXT) return mutateBytes(random, Buffer.from(JSON.stringify(root.root)));
  const changes = 1 + Math.floor(6 * random.uniform() ** 2);
  for (let i = 0; i < changes; i++) change(random, root);
  return Buffer.from(JSON.stringify(root.root) ?? '');
}

/** Goes down at random, so that what lies high is met as often as what lies deep. */
function change(random: Random, root: { [key: string]: Json }): void {
  let parent: Json[] | { [key: string]: Json } = root;
  let key: string = 'root';
  for (;;) {
    const value: Json | undefined = (parent as { [key: string]: Json })[key];
    if (typeof value !== 'object' || value === null) break;
    const keys = Object.keys(value);
    if (keys.length === 0 || (key !== 'root' && random.uniform() < 0.15)) break;
    parent = value;
    key = pick(random, keys);
  }
  const own = (parent as { [key: string]: Json })[key] ?? null;
  const set = (value: Json) => {
    (parent as { [key: string]: Json })[key] = value;
  };
  switch (random.integer(8)) {
    case 0:
      // A copy: later changes must not reach the next input, nor close a circle.
      return set(structuredClone(pick(random, STRANGE)));
    case 1:
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete parent[key];
      return;
    case 2:
      if (Array.isArray(parent)) parent.splice(Number(key), 0, structuredClone(own));
      else
        parent[pick(random, [`${key} `, key.toUpperCase(), 'x', ...Object.keys(parent)])] =
          structuredClone(own);
      return;
    case 3:
      return set([own]);
    case 4:
      return set(typeof own === 'object' ? JSON.stringify(own) : String(own));
    case 5:
      return set(
        typeof own === 'number'
          ? pick(random, [-own, own * 2, own + 1, own * 1e6, own / 1e6])
          : [own, structuredClone(own)],
      );
    case 6: {
      if (typeof own !== 'string') return set({ value: own });
      return set(mutateBytes(random, Buffer.from(own)).toString());
    }
    default: {
      const keys = Object.keys(parent);
      const other = pick(random, keys);
      const record = parent as { [key: string]: Json };
      [record[key], record[other]] = [record[other] ?? null, own];
    }
  }
}
