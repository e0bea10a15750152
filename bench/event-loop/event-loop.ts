/**
 * How long the main thread keeps everybody waiting while it scans one image, and where the image's time goes: what is
 * not scoring as a share of the wall time. The image is a synthetic pyramidal TIFF, scanned for real; the delay is also
 * measured with the same scene as a calibrated .IMG, scanned and only read.
 *
 * Usage: npm run bench -- event-loop [--size small|full] [--lines N] [--mode exact|full|cascade] [--workers N] [--json]
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { RasterSource } from '../../src/domain/raster.js';
import { scanImage } from '../../src/pipeline/scan-image.js';
import { NO_WORK } from '../../src/scoring/timed-scorer.js';
import { placeDetections } from '../../src/pipeline/place-detections.js';
import { openRaster } from '../../src/raster/open-raster.js';
import { StripRing } from '../../src/raster/strip-ring.js';
import { exampleImg } from '../decode/example-img.js';
import { examplePtif } from '../decode/example-ptif.js';
import { machineFacts } from '../harness/machine.js';
import { benchOptions, wholeNumber } from '../harness/options.js';
import { configFor, MODES, openTools } from '../harness/product.js';
import { publish } from '../harness/result.js';
import { TOWARDS_SUN } from '../harness/scene.js';
import { shippedModel } from '../shipped-model.js';

const BAND_LINES = 256;

const { size, json, own } = benchOptions({ small: 1, full: 1 }, ['lines', 'mode', 'workers']);
const lines =
  own['lines'] === undefined ? (size === 'small' ? 1024 : 8192) : wholeNumber('--lines', own['lines']);
const mode = MODES.find((one) => one === (own['mode'] ?? 'exact'));
const config =
  mode &&
  configFor({
    mode,
    ...(own['workers'] === undefined ? {} : { workers: wholeNumber('--workers', own['workers']) }),
  });
if (!config) throw new Error(`the product has no mode ${own['mode'] ?? ''}`);
const ptif = await examplePtif(lines, 'jpeg');
const img = await exampleImg(lines);
const tools = await openTools({ ...config, model: { ...config.model, path: shippedModel() ?? '' } });
const stages: Record<string, number> = {};
const onStage = (stage: string, seconds: number): void => {
  stages[stage] = (stages[stage] ?? 0) + seconds;
};

/** @returns the delays while something was done to an image, ns, and how long that took */
async function watched(path: string, work: (raster: RasterSource) => Promise<void>) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  delay.enable();
  const raster = await openRaster(path);
  await work(raster);
  await raster.close();
  delay.disable();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { delay, seconds, coresUsed: (user + system) / 1e6 / seconds };
}

let count = 0;
/** Scans an image for real. */
const scan = (stage?: typeof onStage) => async (raster: RasterSource) => {
  const { signal } = new AbortController();
  const { detections, parts } = await scanImage(
    raster,
    TOWARDS_SUN,
    { ...tools, ...(stage && { onStage: stage }) },
    signal,
  );
  placeDetections(detections, { imageId: 'M1000000000L', modelId: tools.model.id }, null);
  count = parts.count;
};

/** Reads all its strips. */
async function read(raster: RasterSource): Promise<void> {
  const buffers = new StripRing();
  const ranges = Array.from({ length: Math.ceil(lines / BAND_LINES) }, (_, i) => ({
    firstLine: i * BAND_LINES,
    lines: Math.min(BAND_LINES, lines - i * BAND_LINES),
  }));
  for await (const strip of raster.strips(ranges, undefined, buffers)) buffers.give(strip.data);
}

const before = tools.pool.work ?? NO_WORK;
const { delay, seconds, coresUsed } = await watched(ptif, scan(onStage));
const after = tools.pool.work ?? before;
const ofImg = await watched(img, scan());
const ofReading = await watched(img, read);
const { workers } = tools.pool;
await tools.pool.close();

const ms = (ns: number): number => ns / 1e6;
const networks = (after.networks - before.networks) / workers;
const scores = (after.scores - before.scores) / workers;
const tiles = (after.tiles - before.tiles) / workers;
publish(
  {
    bench: 'event-loop',
    machine: machineFacts(),
    command: `npm run bench -- event-loop${mode === 'exact' ? '' : ` --mode ${mode}`}`,
    date: new Date().toISOString().slice(0, 10),
    size,
    rounds: 1,
    busy_rounds: 0,
    figures: {
      lines,
      workers,
      tiles: count,
      seconds,
      tiles_per_s: count / seconds,
      // The monitor's own interval of 1 ms is no delay.
      event_loop_p50_ms: ms(delay.percentile(50)) - 1,
      event_loop_p99_ms: ms(delay.percentile(99)) - 1,
      event_loop_max_ms: ms(delay.max) - 1,
      img_seconds: ofImg.seconds,
      img_event_loop_p50_ms: ms(ofImg.delay.percentile(50)) - 1,
      img_event_loop_p99_ms: ms(ofImg.delay.percentile(99)) - 1,
      img_event_loop_max_ms: ms(ofImg.delay.max) - 1,
      img_reading_s: ofReading.seconds,
      img_reading_event_loop_p99_ms: ms(ofReading.delay.percentile(99)) - 1,
      img_reading_event_loop_max_ms: ms(ofReading.delay.max) - 1,
      ...Object.fromEntries(Object.entries(stages).map(([stage, value]) => [`${stage}_s`, value])),
      cores_used: coresUsed,
      networks_share: networks / seconds,
      scores_share: scores / seconds,
      tiles_share: tiles / seconds,
      rest_share: 1 - (networks + scores + tiles) / seconds,
    },
    ratios: {},
    notes: {
      mode: mode ?? '',
      networks_share: 'Time in the networks, of one thread on average, of the wall time.',
      scores_share:
        'Likewise in scoring besides: contrast, the sun-directed response, residuals, turning tiles.',
      tiles_share: 'Likewise in what is not scoring: masks, cutting tiles.',
      rest_share: 'Waiting for strips, ranking, merging, pictures.',
      cores_used: 'CPU time of all threads, of the wall time.',
    },
  },
  json,
);
