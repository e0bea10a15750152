/**
 * Makes docs/performance.md and its figures from the results in bench/results and the text beside this file.
 *
 * Usage: npm run bench -- report [--size small|full]; small makes it of smoke runs, in dist/bench/report
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawFigure } from '../../src/figures/draw-figure.js';
import { benchOptions } from '../harness/options.js';
import { readResults, RESULTS, SMALL_RESULTS, type BenchResult } from '../harness/result.js';
import { machineTable } from './markdown.js';
import { sectionsOf } from './sections.js';

const TEMPLATE = 'bench/report/template.md';
const MARK = '<!-- measured -->';

const { size } = benchOptions({ small: 1, full: 1 });
const results = readResults(size === 'full' ? RESULTS : SMALL_RESULTS);
const folder = size === 'full' ? 'docs' : 'dist/bench/report';
const pictures = 'performance';

const lines: string[] = [...machinesOf([...results.values()])];
for (const { title, lines: text, figure } of sectionsOf(results)) {
  lines.push('', `## ${title}`, '', ...text);
  if (figure === undefined) continue;
  mkdirSync(join(folder, pictures), { recursive: true });
  const { png } = await drawFigure(figure.spec);
  writeFileSync(join(folder, pictures, `${figure.name}.png`), png);
  lines.push('', `![${figure.about}](${pictures}/${figure.name}.png)`);
}
mkdirSync(folder, { recursive: true });
const file = join(folder, 'performance.md');
const text = readFileSync(TEMPLATE, 'utf8').replace(MARK, () => lines.join('\n'));
writeFileSync(file, `${text.replace(/\n{3,}/g, '\n\n').trimEnd()}\n`);
console.log(file);

/** Facts of the machine of the newest result; where others were measured elsewhere, their lines say so. */
function machinesOf(all: readonly BenchResult[]): string[] {
  const newest = [...all].sort((a, b) => (a.date < b.date ? 1 : -1))[0];
  if (newest === undefined) return [];
  const libraries = Object.assign({}, ...all.map(({ machine }) => machine.libraries)) as Record<
    string,
    string
  >;
  return machineTable({ ...newest.machine, libraries });
}
