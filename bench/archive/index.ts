/**
 * How fast a whole INDEX.TAB is read, checked and turned into products, and in how much memory, against what a Python
 * user would do: csv of the standard library, and pandas.read_fwf where it is installed. Each run is a process of
 * its own that has the file in the system's cache.
 *
 * Usage: npm run bench -- archive/index [--rows 60000] [--rounds 5] [--json]
 */
import { spawnSync } from 'node:child_process';
import { open, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { NEEDED_COLUMNS, indexColumns, recordBytes } from '../../src/archive/index/index-columns.js';
import { parseIndexLabel } from '../../src/archive/index/index-layout.js';
import { emptyCounts, readIndexTable } from '../../src/archive/index/index-table.js';
import { planVolume } from '../../src/replica/volume.js';
import { volumePeriod } from '../../src/replica/volume-period.js';

const VOLUME = 'LROLRC_1067A';
const { values: o } = parseArgs({
  options: {
    rows: { type: 'string', default: '60000' },
    rounds: { type: 'string', default: '5' },
    read: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

interface Run {
  readonly products: number;
  readonly seconds: number;
  readonly peakMb: number;
}

if (o.read !== undefined) await read(o.read);
else await compare(Number(o.rows), Number(o.rounds));

/** One run of the product's own reader. */
async function read(path: string): Promise<void> {
  const layout = {
    ...parseIndexLabel(
      planVolume(volumePeriod(VOLUME), {
        seed: 1,
        images: 1,
        lines: 4096,
        samples: 5064,
      }).label.body.toString('latin1'),
      'label',
    ),
    rows: null,
  };
  const started = performance.now();
  let products = 0;
  for await (const { doubt } of readIndexTable(path, layout, emptyCounts(), path))
    if (doubt?.skips !== true) products++;
  const seconds = (performance.now() - started) / 1000;
  const run: Run = { products, seconds, peakMb: process.resourceUsage().maxRSS / 1024 };
  console.log(JSON.stringify(run));
}

async function compare(rows: number, rounds: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-index-'));
  try {
    const table = join(folder, 'INDEX.TAB');
    await writeTable(table, rows);
    const columns = join(folder, 'columns.json');
    const spans = indexColumns(VOLUME).map(({ name, startByte, bytes, decimals }) => [
      name,
      startByte - 1,
      bytes,
      decimals !== null && NEEDED_COLUMNS.includes(name),
    ]);
    await writeFile(columns, JSON.stringify(spans));
    const own = () => run(process.execPath, [fileURLToPath(import.meta.url), '--read', table]);
    const script = fileURLToPath(new URL('../../../../bench/archive/read_index.py', import.meta.url));
    const python = (how: string) => () => run('python3', [script, how, table, columns]);
    const ways = { index: own, python_csv: python('csv'), python_pandas: python('pandas') };
    const runs = new Map<string, Run[]>();
    for (let round = 0; round < rounds; round++) {
      for (const [name, way] of Object.entries(ways)) {
        const result = way();
        if (result !== null) runs.set(name, [...(runs.get(name) ?? []), result]);
      }
    }
    report(rows, runs);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A table of the replica's rows, over and over: one of five is no NAC image of the Moon. */
async function writeTable(path: string, rows: number): Promise<void> {
  const { table } = planVolume(volumePeriod(VOLUME), {
    seed: 1,
    images: 800,
    lines: 4096,
    samples: 5064,
    othersEvery: 16,
  });
  const all = table.body.length / recordBytes(VOLUME);
  const file = await open(path, 'w');
  try {
    for (let left = rows; left > 0; left -= all)
      await file.write(table.body.subarray(0, Math.min(left, all) * recordBytes(VOLUME)));
  } finally {
    await file.close();
  }
}

/** Null where the program, or what it needs, is not installed. */
function run(command: string, args: readonly string[]): Run | null {
  const { stdout, stderr, status, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined) return null;
  if (status !== 0) throw new Error(stderr);
  const result = JSON.parse(stdout) as Run | { missing: string };
  return 'missing' in result ? null : result;
}

function report(rows: number, runs: ReadonlyMap<string, readonly Run[]>): void {
  const figures: Record<string, number> = { rows };
  const ratios: Record<string, { median: number; low: number; high: number }> = {};
  const own = runs.get('index') ?? [];
  for (const [name, each] of runs) {
    figures[`${name}_products`] = each[0]?.products ?? NaN;
    figures[`${name}_rows_per_s`] = Math.round(rows / spread(each.map(({ seconds }) => seconds)).median);
    figures[`${name}_peak_mb`] = Math.round(spread(each.map(({ peakMb }) => peakMb)).median);
    if (name !== 'index')
      ratios[`index_vs_${name}`] = spread(each.map(({ seconds }, i) => seconds / (own[i]?.seconds ?? NaN)));
  }
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  if (o.json) return console.log(JSON.stringify({ bench: 'archive/index', machine, figures, ratios }));
  console.log(machine);
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(26)} ${value}`);
  for (const [name, { median, low, high }] of Object.entries(ratios))
    console.log(
      `${name.padEnd(26)} ${median.toFixed(2)} (${low.toFixed(2)}-${high.toFixed(2)}) times as fast`,
    );
  if (!runs.has('python_pandas')) console.log('pandas is not installed: left out.');
}

function spread(values: readonly number[]): { median: number; low: number; high: number } {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[sorted.length >> 1] ?? NaN, low: sorted[0] ?? NaN, high: sorted.at(-1) ?? NaN };
}
