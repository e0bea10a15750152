import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RankRow } from '../evaluation/rank-items.js';
import type { Ranked } from '../evaluation/rank-order.js';
import { writeStaged } from '../exports/staged.js';

/**
 * Writes the order as CSV, a row an item; the file takes its place whole.
 * @throws OperationalError when the file cannot be written
 */
export async function writeTable(
  path: string,
  ranked: readonly Ranked[],
  rows: readonly RankRow[],
): Promise<void> {
  const tiles = rows.some(({ at }) => at !== null);
  function* lines(): Generator<string> {
    yield `order,image,${tiles ? 'x,y,' : ''}worth,score,bytes,cumulative_bytes,within_budget\n`;
    for (const [place, { item, worth, cumulativeBytes, withinBudget }] of ranked.entries()) {
      const { image, at, score, bytes } = rows[item]!;
      const name = /[",\n]/.test(image) ? `"${image.replaceAll('"', '""')}"` : image;
      const where = at === null ? '' : `${at.x},${at.y},`;
      yield `${place + 1},${name},${where}${number(worth)},${number(score)},${bytes},${cumulativeBytes},${withinBudget}\n`;
    }
  }
  await writeStaged({ path, beside: [], force: true }, (staged) =>
    pipeline(Readable.from(lines()), createWriteStream(staged)),
  );
}

/** Six digits that count; nothing where an image has no scored tile. */
function number(value: number): string {
  return Number.isNaN(value) ? '' : String(Number(value.toPrecision(6)));
}
