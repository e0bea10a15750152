/**
 * Peak memory of reading a whole image by strips against a quarter of its lines, and the speed of it on one
 * core. Each image is read in a process of its own; the texture is synthetic.
 *
 * Usage: npm run bench -- memory/raster [--json]
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRaster } from '../../src/raster/open-raster.js';
import { writePtif } from '../../src/simulation/write-ptif.js';

const WIDTH = 5064;
const LINES = 52_224;

interface Reading {
  readonly peakMb: number;
  readonly mpxPerCpuSecond: number;
}

async function read(path: string): Promise<Reading> {
  const image = await openRaster(path);
  const { height } = image.info;
  const ranges = Array.from({ length: Math.ceil(height / 256) }, (_, i) => ({
    firstLine: i * 256,
    lines: Math.min(320, height - i * 256),
  }));
  const before = process.cpuUsage();
  for await (const strip of image.strips(ranges)) void strip;
  const { user, system } = process.cpuUsage(before);
  await image.close();
  return {
    peakMb: process.resourceUsage().maxRSS / 1024,
    mpxPerCpuSecond: (WIDTH * height) / (user + system),
  };
}

/** Slopes and grain whose JPEG takes about as many bytes a pixel as the archive's images. */
function texture(firstLine: number, lines: number): Uint8Array {
  return Uint8Array.from({ length: lines * WIDTH }, (_, i) => {
    const [x, y] = [i % WIDTH, firstLine + Math.floor(i / WIDTH)];
    return 110 + 60 * Math.sin(x / 23) * Math.cos(y / 31) + (((x * 73_856_093) ^ (y * 19_349_663)) & 7);
  });
}

async function compare(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-raster-'));
  try {
    const measure = async (lines: number): Promise<Reading> => {
      const path = join(folder, `${lines}.tif`);
      await writePtif(path, { width: WIDTH, height: lines }, texture);
      const out = execFileSync(process.execPath, [process.argv[1] ?? '', '--read', path], {
        encoding: 'utf8',
      });
      return JSON.parse(out) as Reading;
    };
    const quarter = await measure(LINES / 4);
    const whole = await measure(LINES);
    const figures = {
      quarter_peak_mb: quarter.peakMb,
      whole_peak_mb: whole.peakMb,
      whole_mpx_per_cpu_s: whole.mpxPerCpuSecond,
    };
    if (process.argv.includes('--json')) {
      const machine = cpus()[0]?.model ?? 'unknown';
      console.log(JSON.stringify({ bench: 'memory-raster', machine, figures, ratios: {} }));
    } else {
      for (const [name, value] of Object.entries(figures)) console.log(`${name} ${value.toFixed(0)}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const reading = process.argv.indexOf('--read');
if (reading > 0) console.log(JSON.stringify(await read(process.argv[reading + 1] ?? '')));
else await compare();
