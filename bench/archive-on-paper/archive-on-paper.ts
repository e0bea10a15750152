/**
 * The whole archive on paper: what one machine like the measured one takes for every NAC image, and which of
 * scoring, the archive's patience and the line is the bottleneck. Only figures that other benches have measured.
 *
 * Usage: npm run bench -- archive-on-paper [--size small|full] [--json]
 */
import { machineFacts } from '../harness/machine.js';
import { benchOptions } from '../harness/options.js';
import { publish, readResults, RESULTS, SMALL_RESULTS } from '../harness/result.js';
import { bottleneck, wholeArchive } from './estimate.js';

const { size, json } = benchOptions({ small: 1, full: 1 });
const results = readResults(size === 'small' ? SMALL_RESULTS : RESULTS);
const scan = results.get('whole-image') ?? results.get('scan');
const scoring = results.get('scoring')?.figures ?? {};
const gpu = results.get('gpu');
const cores = scan?.machine.cores ?? 1;
const tilesPerS = scan?.figures['run_tiles_per_s'] ?? null;
const estimate = wholeArchive({
  tilesPerS,
  cores,
  cascadeTilesPerS: scoring['cascade_openvino_tiles_per_s'] ?? scoring['cascade_tiles_per_s'] ?? null,
  gpuTilesPerS: gpu?.figures['scan_tiles_per_s'] ?? null,
});
const limit = bottleneck(estimate);
const notes: Record<string, string> = {
  source:
    'images and bytes of the archive are those of its own documents, each image taken as if it had its full 52,224 lines: an upper bound',
  line_days: 'at 10 MB/s, a line that was assumed and not measured',
  ...(limit === null ? {} : { bottleneck: limit }),
  ...(tilesPerS === null ? { cpu_days: 'not measured: run the benches scan or whole-image first' } : {}),
  ...('gpu_days' in estimate ? {} : { gpu_days: 'not measured' }),
};
publish(
  {
    bench: 'archive-on-paper',
    machine: machineFacts(),
    command: 'npm run bench -- archive-on-paper',
    date: new Date().toISOString(),
    size,
    rounds: 1,
    busy_rounds: 0,
    figures: estimate,
    ratios: {},
    notes,
  },
  json,
);
