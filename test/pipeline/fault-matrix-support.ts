import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { ArchiveSource } from '../../src/archive/archive-source.js';
import { HttpClient } from '../../src/archive/http/http-client.js';
import { openSource } from '../../src/cli/open-archive.js';
import { claimPolicy, fallbackMs, productLimits } from '../../src/cli/limits.js';
import { gateOptions, openArea, openModel } from '../../src/cli/parts.js';
import { loadConfig } from '../../src/config/load.js';
import type { Config } from '../../src/config/schema.js';
import { greyOfStrip } from '../../src/domain/strip-grey.js';
import type { ModelFolder } from '../../src/model/load-model-folder.js';
import { runDaemon } from '../../src/pipeline/daemon.js';
import { createDeploymentGate } from '../../src/pipeline/deployment-gate.js';
import { scanOptions } from '../../src/pipeline/scan-options.js';
import type { Clock } from '../../src/domain/clock.js';
import type { Strip } from '../../src/domain/raster.js';
import type { TileParts } from '../../src/domain/tile.js';
import { emptyParts } from '../../src/scoring/strip-job.js';
import type { SceneMaker } from '../../src/replica/scene-maker.js';
import type { ScorePool } from '../../src/scoring/score-pool.js';
import { RandomStream } from '../../src/simulation/random.js';
import type { Database } from '../../src/store/database.js';
import { activateModel } from '../../src/store/queries/activate-model.js';
import { registerModel } from '../../src/store/queries/register-model.js';
import { systemClock } from '../../src/telemetry/clock.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { createMetrics } from '../../src/telemetry/metrics.js';

/** What paces requests to ODE is tested with it: its waits are shorter here. */
const hurried: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 50, signal) };

/** Small, and yet more than the rounding of its corners. */
export const SIZE = { lines: 640, samples: 2532 };

/** A stall is given up soon, and there is hardly a wait before another attempt. */
const TIMEOUT_MS = 400;
const BACKOFF_MS = 20;

/** Ground with a few bright bodies and their shadows, so that every image has detections. */
export const smallScenes: SceneMaker = {
  truth: () => Promise.resolve([]),
  async make({ lines, samples, seed }, path) {
    const random = new RandomStream(seed);
    const pixels = Buffer.alloc(lines * samples);
    for (let i = 0; i < pixels.length; i++) pixels[i] = 100 + 8 * random.normal();
    for (let body = 0; body < 12; body++) {
      const [x, y] = [random.integer(100, samples - 100), random.integer(10, lines - 20)];
      for (let dy = 0; dy < 5; dy++) {
        pixels.fill(240, (y + dy) * samples + x, (y + dy) * samples + x + 5);
        pixels.fill(15, (y + dy) * samples + x + 5, (y + dy) * samples + x + 12);
      }
    }
    await sharp(pixels, { raw: { width: samples, height: lines, channels: 1 } })
      .toColourspace('b-w')
      .tiff({ compression: 'jpeg', quality: 90, tile: true, tileWidth: 256, tileHeight: 256 })
      .toFile(path);
  },
  close: () => Promise.resolve(),
};

/** One worker of a deployment in this process: the daemon's own parts, as `run --once` puts them together. */
export interface Worker {
  /** Polls if it may, works until nothing of the live lane is left, and gives what became of the scans. */
  once(options?: { poll?: boolean }): Promise<Record<string, number>>;
  readonly archive: ArchiveSource;
  /** What lies in its download folder. */
  leftovers(): Promise<string[]>;
  close(): Promise<void>;
}

export interface Engine {
  readonly model: ModelFolder;
  readonly pool: ScorePool;
}

/**
 * The model's scores by a rule of thumb, tile by tile: how bright the brightest pixel is. What a network says is of
 * no concern to what faults of the archive come to; everything around it is the daemon's own.
 */
export async function startQuickEngine(): Promise<Engine> {
  const model = await openModel(settings({}));
  const { latent, channels, tileSize } = model.manifest.architecture;
  const pixels = tileSize * tileSize;
  const pool: ScorePool = {
    info: { engine: 'brightness', device: 'cpu', version: '1' },
    screens: { vae: false, net: false },
    workers: 1,
    confirm: () => Promise.reject(new Error('nothing is left open')),
    scoreStrip: ({ plan, grid, strip, grey }) => {
      const parts = emptyParts((plan.rowTo - plan.rowFrom) * grid.xs.length);
      let tile = 0;
      for (let row = plan.rowFrom; row < plan.rowTo; row++) {
        for (const x of grid.xs) brightest(strip, x, grid.ys[row] ?? 0, tile++, parts);
      }
      return Promise.resolve({ ...parts, grey: grey ? greyOfStrip(strip, grey) : null });
    },
    explain: ({ count }) =>
      Promise.resolve({
        l2: new Float32Array(count),
        muNorm: new Float32Array(count),
        bright: new Float32Array(count),
        mu: new Float32Array(count * latent),
        reconstruction: new Float32Array(count * channels * pixels),
      }),
    close: () => Promise.resolve(),
  };
  return { model, pool };

  function brightest(
    { data, width, firstLine }: Strip,
    x: number,
    y: number,
    tile: number,
    parts: TileParts,
  ): void {
    let most = -1;
    for (let line = 0; line < tileSize; line++) {
      for (let sample = 0; sample < tileSize; sample++) {
        const value = data[(y - firstLine + line) * width + x + sample] ?? 0;
        if (value <= most) continue;
        most = value;
        parts.peakX[tile] = sample;
        parts.peakY[tile] = line;
      }
    }
    parts.l2[tile] = most;
    parts.mad[tile] = 0.1;
    for (const part of [parts.muNorm, parts.bright, parts.brightPeak, parts.tri]) part[tile] = most / 255;
    for (const part of [parts.lander, parts.small]) part[tile] = most * 20;
    parts.tracks[tile] = 0;
  }
}

export async function useEngine(db: Database, { model }: Engine): Promise<void> {
  await registerModel(db, { id: model.id, manifest: model.manifest, calibration: model.calibration });
  await activateModel(db, model.id);
}

/** Without pauses, with fewer attempts than is usual, and with no more detections of an image than tell whether it was stored. */
export function settings(env: Readonly<Record<string, string>>): Config {
  return loadConfig(undefined, {
    SELENOSCAN_ARCHIVE_SPACING_MS: '0',
    SELENOSCAN_ARCHIVE_RETRIES: '1',
    SELENOSCAN_ARCHIVE_MIN_LINES: '64',
    SELENOSCAN_ARCHIVE_SUMMED: 'true',
    SELENOSCAN_ARCHIVE_FALLBACK_H: '-1',
    SELENOSCAN_ARCHIVE_BREAKER_FAILURES: '1000',
    SELENOSCAN_DETECTION_BUDGET: '3',
    SELENOSCAN_QUEUE_ATTEMPTS: '2',
    SELENOSCAN_QUEUE_RETRY_S: '0',
    SELENOSCAN_TILING_STRIDE_X: '64',
    SELENOSCAN_TILING_STRIDE_Y: '64',
    ...env,
  });
}

export async function startWorker(
  db: Database,
  { model, pool }: Engine,
  given: Config,
  name = 'worker',
): Promise<Worker> {
  const dir =
    given.archive.download_dir === ''
      ? await mkdtemp(join(tmpdir(), 'selenoscan-test-matrix-'))
      : given.archive.download_dir;
  const config: Config = { ...given, archive: { ...given.archive, download_dir: dir } };
  const gate = createDeploymentGate(db, { ...gateOptions(config), holder: name });
  const client = new HttpClient({
    userAgent: `selenoscan-test ${name}`,
    gate,
    clock: systemClock,
    timeoutMs: TIMEOUT_MS,
    retries: config.archive.retries,
    connections: config.archive.connections,
    backoffMs: BACKOFF_MS,
  });
  const archive = openSource(config, { client, area: openArea(config), clock: hurried });
  const { queue } = config;
  return {
    archive,
    async once({ poll = true } = {}) {
      return runDaemon(
        {
          once: true,
          images: 1,
          ahead: queue.ahead,
          drift: config.drift,
          worker: name,
          pollEveryMs: 1e9,
          limits: productLimits(config),
          policy: claimPolicy(config),
        },
        {
          db,
          archive,
          model,
          pool,
          options: scanOptions(config, model.manifest.architecture.tileSize),
          log: createLogger(process.env['SELENOSCAN_TEST_LOG'] ?? 'silent', name),
          metrics: createMetrics(),
          clock: systemClock,
          downloadDir: dir,
          fallbackMs: fallbackMs(config),
          codeVersion: 'test',
          configHash: 'test',
          mayPoll: () => Promise.resolve(poll),
        },
        new AbortController().signal,
      );
    },
    leftovers: async () =>
      (await readdir(dir, { recursive: true })).filter((path) => !path.endsWith('-parts')),
    async close() {
      await archive.close();
      if (given.archive.download_dir === '') await rm(dir, { recursive: true, force: true });
    },
  };
}
