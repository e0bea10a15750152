/**
 * What the rule for wide samples leaves of bright bodies: on how many of the real NAC crops one of 2 or 3 times
 * the median ground would be clipped, by headroom, and which share of the grey levels the ground keeps. The
 * crops' levels are taken as proportional to brightness.
 *
 * Usage: npm run bench -- formats/headroom [--json]
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { DEFAULT_STRETCH } from '../../src/domain/raster.js';
import { SampleSet } from '../../src/raster/stretch.js';
import { dataFolder, readCrops, type Picture } from '../quality/crops.js';

const HEADROOMS = [0, 0.5, 1, 1.5];
const TIMES_MEDIAN = [2, 3];

interface Row {
  readonly headroom: number;
  readonly groundShare: number;
  /** Crops that clip, one number for each of `TIMES_MEDIAN`. */
  readonly clipped: readonly number[];
}

async function main(): Promise<void> {
  const { values: o } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  const crops = await readCrops(dataFolder(process.cwd()));
  if (!crops) {
    console.log(`no real crops at ${dataFolder(process.cwd())}: nothing measured`);
    return;
  }
  const rows = HEADROOMS.map((headroom): Row => {
    const clipped = TIMES_MEDIAN.map((times) => crops.filter((crop) => clips(crop, headroom, times)).length);
    return { headroom, groundShare: 1 / (1 + headroom), clipped };
  });
  report(crops.length, rows, o.json);
}

function clips(crop: Picture, headroom: number, times: number): boolean {
  const samples = new SampleSet(crop.width, crop.height);
  samples.add(Float32Array.from(crop.data));
  const { white } = samples.stretch({ ...DEFAULT_STRETCH, headroom });
  const sorted = crop.data.slice().sort();
  return times * (sorted[sorted.length >> 1] ?? 0) > white;
}

function report(crops: number, rows: readonly Row[], json: boolean): void {
  if (json) {
    const machine = `${cpus()[0]?.model ?? 'unknown'} x ${cpus().length}`;
    const figures: Record<string, number> = { crops };
    for (const { headroom, clipped } of rows)
      clipped.forEach((count, i) => (figures[`headroom_${headroom}_clips_${TIMES_MEDIAN[i]}x`] = count));
    console.log(JSON.stringify({ bench: 'formats-headroom', machine, figures, ratios: {} }));
    return;
  }
  for (const { headroom, groundShare, clipped } of rows) {
    const counts = clipped.map((count, i) => `${TIMES_MEDIAN[i]}x on ${count}`).join(', ');
    console.log(
      `headroom ${headroom.toFixed(1)}: ground keeps ${(100 * groundShare).toFixed(0)} %; of ${crops} crops clips a body of ${counts}`,
    );
  }
}

await main();
