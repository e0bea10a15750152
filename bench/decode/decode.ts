/**
 * How fast an image becomes lines of grey levels on one core, the product against GDAL, tifffile with imagecodecs and
 * geotiff.js alone, in turns of half a second or more, by CPU time and by the clock: the archive's JPEG pyramid first,
 * uncompressed tiles and a calibrated .IMG besides. The pixels of all lossless readings, and of all that share libjpeg-turbo, are compared.
 *
 * Usage: npm run bench:decode [-- --size small|full] [--rounds N] [--lines N] [--json]
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { machineFacts } from '../harness/machine.js';
import { benchOptions, note, wholeNumber } from '../harness/options.js';
import { publish } from '../harness/result.js';
import { busyRounds, medianOf, rateOf, runRounds, speedRatio, type Contestant } from '../harness/rounds.js';
import type { Ratio } from '../harness/statistics.js';
import { pythonWith, versionsIn } from '../peers/python-venv.js';
import { Decoder } from './decoder.js';
import { exampleImg } from './example-img.js';
import { examplePtif } from './example-ptif.js';

const PACKAGES = ['numpy', 'rasterio', 'tifffile', 'imagecodecs'] as const;
const SERVER = 'dist/bench/bench/decode/serve-ours.js';
const PEER = 'bench/peers/serve_decoder.py';
const BUDGET_S = 240;

const { size, json, rounds, own } = benchOptions({ small: 1, full: 7 }, ['lines']);
const lines =
  own['lines'] === undefined ? (size === 'small' ? 512 : 8192) : wholeNumber('--lines', own['lines']);
/** The last core: the first takes most interrupts. */
const core = availableParallelism() - 1;
const decoders: Decoder[] = [];
const contestants: Contestant[] = [];
const checksums = new Map<string, string | null>();
const notes: Record<string, string> = {};

if (spawnSync('taskset', ['-V']).error) {
  console.error('bench:decode needs taskset (util-linux) to hold each decoder to one core');
  process.exitCode = 1;
} else {
  await main().finally(() => Promise.all(decoders.map((decoder) => decoder.close())));
}

async function main(): Promise<void> {
  const jpeg = await examplePtif(lines, 'jpeg');
  const plain = await examplePtif(lines, 'none');
  const cdr = await exampleImg(lines);
  const found = pythonWith(PACKAGES);
  const ours = (reader: string) => ({ program: process.execPath, script: SERVER, reader });
  await add('ours', jpeg, ours('product'));
  await add('geotiff_js', jpeg, ours('geotiff'));
  await add('ours_uncompressed', plain, ours('product'));
  await add('ours_img', cdr, ours('product'));
  if ('missing' in found) notes['peers'] = `not measured: ${found.missing}`;
  else {
    const peer = (reader: string) => ({ program: found.python, script: PEER, reader });
    await add('gdal', jpeg, peer('gdal'));
    await add('tifffile', jpeg, peer('tifffile'));
    await add('gdal_uncompressed', plain, peer('gdal'));
    await add('tifffile_uncompressed', plain, peer('tifffile'));
    await add('gdal_img', cdr, peer('gdal'));
    notes['ours_img'] =
      'Ours reads the 16-bit samples and stretches them to grey levels, GDAL leaves them as they are.';
  }
  compare('ours', ['gdal', 'tifffile']);
  compare('ours_uncompressed', ['gdal_uncompressed', 'tifffile_uncompressed']);

  const measured = await runRounds(contestants, rounds, BUDGET_S, note);
  const figures: Record<string, number> = { lines };
  for (const { name } of contestants) {
    figures[`${name}_mpx_per_s`] = rateOf(measured, name) / 1e6;
    figures[`${name}_mpx_per_cpu_s`] = medianOf(measured, name, (one) => one.work / one.cpuSeconds) / 1e6;
  }
  const ratios: Record<string, Ratio> = {};
  const has = (name: string): boolean => contestants.some((one) => one.name === name);
  for (const [name, a, b] of [
    ['decode_vs_gdal', 'ours', 'gdal'],
    ['decode_vs_tifffile', 'ours', 'tifffile'],
    ['decode_vs_geotiff_js', 'ours', 'geotiff_js'],
    ['uncompressed_vs_gdal', 'ours_uncompressed', 'gdal_uncompressed'],
    ['uncompressed_vs_tifffile', 'ours_uncompressed', 'tifffile_uncompressed'],
    ['img_vs_gdal', 'ours_img', 'gdal_img'],
  ] as const) {
    if (!has(a) || !has(b)) continue;
    ratios[name] = speedRatio(measured, a, b, 'cpuSeconds');
    ratios[`${name}_by_the_clock`] = speedRatio(measured, a, b);
  }
  publish(
    {
      bench: 'decode',
      machine: machineFacts('missing' in found ? {} : versionsIn(found.python, PACKAGES)),
      command: 'npm run bench:decode',
      date: new Date().toISOString().slice(0, 10),
      size,
      rounds: new Set(measured.map(({ round }) => round)).size,
      busy_rounds: busyRounds(measured),
      figures,
      ratios,
      notes,
    },
    json,
  );
}

/** Adds one reading; its first, which also compiles, tells the checksum of the pixels. */
async function add(
  name: string,
  path: string,
  { program, script, reader }: { program: string; script: string; reader: string },
): Promise<void> {
  const decoder = new Decoder(program, [script, path, reader], core);
  decoders.push(decoder);
  try {
    checksums.set(name, (await decoder.decode('checksum')).checksum);
    contestants.push({
      name,
      run: async () => {
        const { pixels, cpuSeconds } = await decoder.decode('turn');
        return { work: pixels, cpuSeconds };
      },
    });
  } catch (error) {
    notes[name] = `not measured: ${(error as Error).message}`;
  }
}

/** Says of others whether they give the same pixels. */
function compare(name: string, others: readonly string[]): void {
  for (const other of others) {
    const [a, b] = [checksums.get(name), checksums.get(other)];
    if (a === undefined || b === undefined) continue;
    notes[`${other}_pixels`] = a === b ? 'the same as ours' : 'not the same as ours';
  }
}
