import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const BEGIN = '<!-- made by npm run docs of test/chaos/results -->';
const END = '<!-- end -->';

/**
 * The table of docs/reliability.md.
 *
 * @param {readonly { name: string, done: string, times: string, lost: string, command: string }[]} records of
 *   test/chaos/support/record.ts; by their names' numbers they are ordered
 */
export function reliabilityTable(records) {
  const ordered = [...records].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  const cells = ordered.map(({ done, times, lost, command }) => [done, times, lost, `\`${command}\``]);
  const rows = [
    ['what was done', 'how often', 'what was lost', 'command'],
    ['---', '---', '---', '---'],
    ...cells,
  ];
  return rows.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`).join('');
}

/** The document with that table in its place. */
export function withTable(text, table) {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from)
    throw new Error(`docs/reliability.md has no place for its table: ${BEGIN} … ${END}.`);
  return `${text.slice(0, from)}${BEGIN}\n\n${table}\n${text.slice(to)}`;
}

/** What the chaos tests recorded. */
export function readRecords(folder) {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
}
