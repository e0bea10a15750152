/** Two things that may be one, and how far apart they are: 0 the same, 1 as far as they may be. */
export interface Bond {
  readonly a: number;
  readonly b: number;
  readonly apart: number;
}

/**
 * Complete linkage: the two nearest clusters become one as long as each of one may be one with each of the other, so
 * that no chain of near ones joins what is far apart. Ties go by the numbers of the things, so that the result is a
 * function of the bonds alone.
 *
 * @param count things, numbered from 0 in an order that does not depend on how they came
 * @returns clusters of numbers, each ascending, in the order of their first
 */
export function completeLinkage(count: number, bonds: readonly Bond[]): number[][] {
  const parts = components(count, bonds);
  return parts
    .flatMap(({ members, bonds: inside }) => cluster(members, inside))
    .sort((p, q) => p[0]! - q[0]!);
}

interface Component {
  readonly members: readonly number[];
  readonly bonds: readonly Bond[];
}

/** Parts that no bond connects. */
function components(count: number, bonds: readonly Bond[]): Component[] {
  const parent = Array.from({ length: count }, (_, i) => i);
  const root = (i: number): number => {
    let top = i;
    while (parent[top] !== top) top = parent[top]!;
    for (let here = i; here !== top;) [here, parent[here]] = [parent[here]!, top];
    return top;
  };
  for (const { a, b } of bonds) {
    const [p, q] = [root(a), root(b)];
    if (p !== q) parent[Math.max(p, q)] = Math.min(p, q);
  }
  const found = new Map<number, { members: number[]; bonds: Bond[] }>();
  for (let i = 0; i < count; i++) {
    const top = root(i);
    const part = found.get(top);
    if (part === undefined) found.set(top, { members: [i], bonds: [] });
    else part.members.push(i);
  }
  for (const bond of bonds) found.get(root(bond.a))!.bonds.push(bond);
  return [...found.values()];
}

function cluster(members: readonly number[], bonds: readonly Bond[]): number[][] {
  if (members.length === 1) return [[...members]];
  const place = new Map(members.map((member, i) => [member, i]));
  const n = members.length;
  const distance = new Float64Array(n * n).fill(Infinity);
  for (const { a, b, apart } of bonds) {
    const [i, j] = [place.get(a)!, place.get(b)!];
    distance[i * n + j] = distance[j * n + i] = apart;
  }
  const clusters = new Map(members.map((member, i) => [i, [member]]));
  for (;;) {
    let [best, first, second] = [Infinity, -1, -1];
    const open = [...clusters.keys()];
    for (const [at, i] of open.entries()) {
      for (let k = at + 1; k < open.length; k++) {
        const apart = distance[i * n + open[k]!]!;
        if (apart < best) [best, first, second] = [apart, i, open[k]!];
      }
    }
    if (first < 0) break;
    clusters.set(first, [...clusters.get(first)!, ...clusters.get(second)!]);
    clusters.delete(second);
    for (const other of clusters.keys()) {
      const farther = Math.max(distance[first * n + other]!, distance[second * n + other]!);
      distance[first * n + other] = distance[other * n + first] = farther;
    }
  }
  return [...clusters.values()].map((numbers) => numbers.sort((p, q) => p - q));
}
