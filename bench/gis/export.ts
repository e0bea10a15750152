/**
 * What exports take. Fills a throwaway server with synthetic scans, then runs the command for each format in a
 * process of its own, for 10,000 detections and for all, and says rows a second and the process's peak memory.
 *
 * Usage: npm run bench -- gis/export [--detections 1000000] [--json]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openPostgres } from '../../src/store/postgres/open-postgres.js';
import { fillSynthetic, PER_IMAGE } from './synthetic-results.js';
import { withServer } from '../harness/throwaway-server.js';

const { values } = parseArgs({
  options: { detections: { type: 'string', default: '1000000' }, json: { type: 'boolean', default: false } },
});
const all = Number(values.detections);
const say = (line: string) => (values.json ? process.stderr : process.stdout).write(`${line}\n`);

const out = mkdtempSync(join(tmpdir(), 'selenoscan-bench-export-'));
try {
  await withServer({}, measure);
} finally {
  rmSync(out, { recursive: true, force: true });
}

async function measure(url: string): Promise<void> {
  const db = await openPostgres({ url, statementTimeoutMs: 0 });
  await fillSynthetic(db, Math.ceil(all / PER_IMAGE));
  await db.close();
  const figures: Record<string, number> = {};
  say('| format | detections | seconds | rows/s | file | peak memory |\n|---|---|---|---|---|---|');
  for (const format of ['gpkg', 'geojson', 'csv'])
    for (const limit of [10_000, all]) {
      const { seconds, bytes, peakMb } = await run(url, join(out, `${limit}.${format}`), limit);
      const rate = Math.round(limit / seconds);
      say(
        `| .${format} | ${limit} | ${seconds.toFixed(1)} | ${rate} | ${(bytes / 1e6).toFixed(0)} MB | ${peakMb.toFixed(0)} MB |`,
      );
      figures[`${format}_${limit}_rows_per_s`] = rate;
      figures[`${format}_${limit}_peak_mb`] = Math.round(peakMb);
    }
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? ''}, Node ${process.versions.node}`;
  say(machine);
  if (values.json)
    process.stdout.write(`${JSON.stringify({ bench: 'gis/export', machine, figures, ratios: {} })}\n`);
}

/** One export of the best detections and nothing else. */
async function run(url: string, path: string, limit: number) {
  const tell = join(out, 'tell.mjs');
  writeFileSync(
    tell,
    `let peak = 0;
     const look = () => { peak = Math.max(peak, process.memoryUsage.rss()); };
     setInterval(look, 20).unref();
     process.on('exit', () => { look(); console.error('peak ' + peak); });`,
  );
  const args = ['export', '--out', path, '--layers', 'detections', '--limit', String(limit), '--json'];
  const child = spawn(process.execPath, ['--import', tell, 'bin/selenoscan.js', ...args], {
    env: { ...process.env, DATABASE_URL: url },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0) throw new Error(stderr);
  const { seconds, bytes } = JSON.parse(stdout) as { seconds: number; bytes: number };
  rmSync(path);
  return { seconds, bytes, peakMb: Number(/peak (\d+)/.exec(stderr)?.[1] ?? NaN) / 1e6 };
}
