import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { randomOrders, reachedAt, sendingCurve } from '../evaluation/rank-curve.js';
import type { RankRow } from '../evaluation/rank-items.js';
import type { Ranked, RankedThings } from '../evaluation/rank-order.js';
import { RANDOM_ORDERS } from './rank-comparison.js';

/** Positions of a drawn line. */
const POSITIONS = 300;

/**
 * Draws what the bytes sent hold, in the order and in others, as PNG and SVG beside the table.
 * @param out path of the table @param title.labels labelled objects, null where none were given
 * @returns the PNG files
 */
export async function writeFigures(
  out: string,
  { unit, labels }: { unit: string; labels: number | null },
  ranked: readonly Ranked[],
  rows: readonly RankRow[],
  things: RankedThings,
  budget: number,
): Promise<string[]> {
  // Vega is large; no other command should wait for it.
  const [{ drawFigure }, { sendingFigure }] = await Promise.all([
    import('../figures/draw-figure.js'),
    import('../evaluation/rank-figure.js'),
  ]);
  const objects = rows.map((row) => row.objects);
  const follow = (order: readonly number[]) => sendingCurve(order, rows, things, objects);
  const ours = follow(ranked.map(({ item }) => item));
  const inFileOrder = follow([...rows.keys()]);
  const random = randomOrders(rows.length, RANDOM_ORDERS, 1).map(follow);
  const last = Math.min(ours.bytes.at(-1) ?? 0, 5 * budget);
  const at = Array.from({ length: POSITIONS + 1 }, (_, i) => (i * last) / POSITIONS);
  const base = out.slice(0, out.length - extname(out).length);
  const files: string[] = [];
  for (const what of labels === null ? (['worth'] as const) : (['worth', 'objects'] as const)) {
    const each = random.map((curve) => reachedAt(curve, what, at));
    const mean = at.map((_, i) => each.reduce((sum, values) => sum + values[i]!, 0) / each.length);
    const figure = await drawFigure(
      sendingFigure({
        title:
          what === 'worth'
            ? 'Expected anomalies sent, by the bytes it takes'
            : 'Labelled objects sent, by the bytes it takes',
        subtitle: `${rows.length.toLocaleString('en-US')} ${unit}${what === 'objects' ? `, ${labels} labelled objects` : ''}; random is the mean of ${RANDOM_ORDERS} orders`,
        what: what === 'worth' ? 'Expected anomalies' : 'Labelled objects',
        most: ours[what].at(-1) ?? 0,
        at,
        budget,
        lines: [
          { name: 'ranked', values: reachedAt(ours, what, at) },
          { name: 'file order', values: reachedAt(inFileOrder, what, at) },
          { name: 'random', values: mean },
        ],
      }),
    );
    const name = what === 'worth' ? base : `${base}-objects`;
    await writeFile(`${name}.svg`, figure.svg);
    await writeFile(`${name}.png`, figure.png);
    files.push(`${name}.png`);
  }
  return files;
}
