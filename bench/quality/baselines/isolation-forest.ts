import type { Random } from '../../../src/domain/random.js';

const TREES = 200;
const SAMPLE = 256;

interface Split {
  readonly feature: number;
  readonly at: number;
  readonly below: Node;
  readonly above: Node;
}
/** A leaf is the number of samples in it. */
type Node = Split | number;

/** Isolation forest (Liu, Ting and Zhou 2008): 200 trees over 256 samples each. */
export class IsolationForest {
  readonly #trees: Node[];
  readonly #usual: number;

  constructor(rows: readonly Float32Array[], random: Random) {
    const size = Math.min(SAMPLE, rows.length);
    const depth = Math.ceil(Math.log2(size));
    this.#usual = usualDepth(size);
    this.#trees = Array.from({ length: TREES }, () => {
      const sample = Array.from({ length: size }, () => rows[random.integer(rows.length)]!);
      return grow(sample, depth, random);
    });
  }

  /** 0..1; the fewer cuts part a point from the others, the higher. */
  score(point: Float32Array): number {
    let sum = 0;
    for (const tree of this.#trees) sum += depthOf(tree, point);
    return 2 ** (-sum / TREES / this.#usual);
  }
}

function grow(rows: readonly Float32Array[], depth: number, random: Random): Node {
  if (depth === 0 || rows.length <= 1) return rows.length;
  const features = rows[0]!.length;
  for (let attempt = 0; attempt < features; attempt++) {
    const feature = random.integer(features);
    let low = Infinity;
    let high = -Infinity;
    for (const row of rows) {
      low = Math.min(low, row[feature]!);
      high = Math.max(high, row[feature]!);
    }
    if (low === high) continue;
    const at = low + (high - low) * random.uniform();
    return {
      feature,
      at,
      below: grow(
        rows.filter((row) => row[feature]! < at),
        depth - 1,
        random,
      ),
      above: grow(
        rows.filter((row) => row[feature]! >= at),
        depth - 1,
        random,
      ),
    };
  }
  return rows.length;
}

function depthOf(tree: Node, point: Float32Array): number {
  let node = tree;
  let depth = 0;
  while (typeof node !== 'number') {
    node = point[node.feature]! < node.at ? node.below : node.above;
    depth++;
  }
  return depth + usualDepth(node);
}

/** Mean depth of an unsuccessful search in a binary tree of `count` samples. */
function usualDepth(count: number): number {
  if (count <= 1) return 0;
  if (count === 2) return 1;
  return 2 * (Math.log(count - 1) + 0.5772156649) - (2 * (count - 1)) / count;
}
