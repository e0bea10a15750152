/**
 * Peak memory of `selenoscan scan` on a whole 5064 x 52224 image against a quarter of its lines. The
 * picture is a synthetic scene repeated downwards; its tiles are scored for real.
 *
 * Usage: npm run bench -- memory/scan [--lines 52224] [--stride 32] [--json]
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeScenePtif } from '../harness/scene.js';

const SAMPLE_EVERY_MS = 200;

interface Run {
  readonly peakMb: number;
  readonly tiles: number;
  readonly seconds: number;
}

async function main(): Promise<void> {
  const { values: o } = parseArgs({
    options: {
      lines: { type: 'string', default: '52224' },
      stride: { type: 'string', default: '32' },
      json: { type: 'boolean', default: false },
    },
  });
  const lines = Number(o.lines);
  const folder = await mkdtemp(join(tmpdir(), 'bench-memory-'));
  try {
    const quarter = await measure(folder, Math.floor(lines / 4), o.stride);
    const whole = await measure(folder, lines, o.stride);
    const figures = {
      quarter_peak_mb: quarter.peakMb,
      whole_peak_mb: whole.peakMb,
      quarter_tiles: quarter.tiles,
      whole_tiles: whole.tiles,
      quarter_tiles_per_s: quarter.tiles / quarter.seconds,
      whole_tiles_per_s: whole.tiles / whole.seconds,
    };
    const ratio = whole.peakMb / quarter.peakMb;
    const ratios = { whole_vs_quarter_peak: { median: ratio, low: ratio, high: ratio } };
    if (o.json) {
      const machine = `${cpus()[0]?.model ?? 'unknown'} x ${cpus().length}`;
      console.log(JSON.stringify({ bench: 'memory-scan', machine, figures, ratios }));
    } else {
      for (const [name, value] of Object.entries(figures))
        console.log(`${name.padEnd(22)} ${value.toFixed(0)}`);
      console.log(`whole_vs_quarter_peak  ${ratio.toFixed(3)}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, lines: number, stride: string): Promise<Run> {
  const path = join(folder, `M1000000000LC_${lines}.tif`);
  await writeScenePtif(path, lines);
  return scan(path, stride);
}

/** Runs the command as a user would and reads the kernel's own high-water mark of its memory. */
async function scan(path: string, stride: string): Promise<Run> {
  const child = spawn(process.execPath, ['bin/selenoscan.js', 'scan', path, '--sun', '90', '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, SELENOSCAN_TILING_STRIDE_X: stride, SELENOSCAN_TILING_STRIDE_Y: stride },
  });
  let peakKb = 0;
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peakKb = Math.max(peakKb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // The process has just ended.
    }
  }, SAMPLE_EVERY_MS);
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`selenoscan scan ended with ${code}`);
  const { images } = JSON.parse(out) as { images: { tiles: number; seconds: number }[] };
  const image = images[0];
  if (image === undefined) throw new Error('selenoscan scan gave no image');
  return { peakMb: peakKb / 1024, tiles: image.tiles, seconds: image.seconds };
}

await main();
