/**
 * Where the time of a daemon goes that always has work: `selenoscan run` fetches one image after the other from the
 * archive's replica into PostGIS, and is asked for its own metrics when the first and when the last is committed.
 * Shares are of the time of all score threads between the two. They score in the networks and besides (contrast, the
 * sun-directed response); else they mask and cut tiles, or wait for fetch, decoding, geometry and the database.
 *
 * Usage: npm run bench -- daemon [--size small|full] [--images N] [--lines N] [--mode exact|full|cascade] [--json]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { machineFacts } from '../harness/machine.js';
import { benchOptions, note, wholeNumber } from '../harness/options.js';
import { useOfTree } from '../harness/processes.js';
import { publish } from '../harness/result.js';
import { withServer } from '../harness/throwaway-server.js';
import { keptArchive, keptImage } from '../scan/archive.js';

const MEMORY_EVERY_MS = 100;
/** Looks at the memory for each at the metrics, which cost the daemon something. */
const LOOKS = 5;
const LONGEST_S = 1800;

/** Of a text that Prometheus reads, by name and label. */
type Sample = ReadonlyMap<string, number>;

interface Look {
  readonly at: number;
  readonly metrics: Sample;
  /** Of the daemon's process, seconds. */
  readonly cpuSeconds: number;
}

const { size, json, own } = benchOptions({ small: 1, full: 1 }, ['images', 'lines', 'mode']);
const number = (name: string, small: number, full: number): number =>
  own[name] === undefined ? (size === 'small' ? small : full) : wholeNumber(`--${name}`, own[name]);
const images = number('images', 3, 4);
const lines = number('lines', 1024, 52_224);
const mode = own['mode'] ?? 'auto';

// One more, which is under way when the last of them is committed.
const replica = await keptArchive(images + 1, lines);
// None is to be made while others are scanned.
for (const { products } of replica.volumes) for (const { scene } of products) await keptImage(scene);
try {
  await withServer({}, async (url) => publish(await measure(url), json));
} finally {
  await replica.close();
}

async function measure(database: string): Promise<Parameters<typeof publish>[0]> {
  const port = await freePort();
  const daemon = spawn(process.execPath, ['bin/selenoscan.js', 'run'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      DATABASE_URL: database,
      SELENOSCAN_ARCHIVE_URLS: JSON.stringify([replica.address]),
      SELENOSCAN_ARCHIVE_SPACING_MS: '0',
      SELENOSCAN_ARCHIVE_MIN_LINES: '64',
      SELENOSCAN_SCORING_MODE: mode,
      SELENOSCAN_HTTP_PORT: String(port),
      SELENOSCAN_LOG_LEVEL: 'warn',
    },
  });
  const ended = once(daemon, 'exit');
  let peakMb = 0;
  const look = async (): Promise<Look | null> => {
    let cpuSeconds = 0;
    for (let i = 0; i < LOOKS; i++) {
      await sleep(MEMORY_EVERY_MS);
      const use = useOfTree(daemon.pid!);
      peakMb = Math.max(peakMb, use.rssBytes / 1e6);
      cpuSeconds = use.cpuSeconds;
    }
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => null);
    if (answer === null) return null;
    return { at: performance.now() / 1000, metrics: parse(await answer.text()), cpuSeconds };
  };
  const until = async (scanned: number): Promise<Look> => {
    for (const end = performance.now() / 1000 + LONGEST_S; ;) {
      const seen = await look();
      if ((seen?.metrics.get('selenoscan_scans_total{state="scanned"}') ?? 0) >= scanned) return seen!;
      if (daemon.exitCode !== null) throw new Error('the daemon ended');
      if (performance.now() / 1000 > end) throw new Error(`no ${scanned} images in ${LONGEST_S} s`);
    }
  };
  try {
    const first = await until(1);
    note('the first image is committed');
    return resultOf(first, await until(images), peakMb);
  } finally {
    daemon.kill('SIGTERM');
    await ended;
  }
}

function resultOf(first: Look, last: Look, peakMb: number): Parameters<typeof publish>[0] {
  const seconds = last.at - first.at;
  const grown = (name: string): number => (last.metrics.get(name) ?? 0) - (first.metrics.get(name) ?? 0);
  const stages = [...last.metrics.keys()].flatMap((name) => {
    const stage = /^selenoscan_stage_seconds_total\{stage="(\w+)"\}$/.exec(name)?.[1];
    return stage === undefined ? [] : [[`${stage}_s_per_image`, grown(name) / (images - 1)] as const];
  });
  const threads = (work: string): number => grown(`selenoscan_score_thread_seconds_total{work="${work}"}`);
  const workers = last.metrics.get('selenoscan_score_threads') ?? NaN;
  const [networks, scores, tiles] = (['networks', 'scores', 'tiles'] as const).map(
    (work) => threads(work) / workers / seconds,
  ) as [number, number, number];
  return {
    bench: 'daemon',
    machine: machineFacts(),
    command: 'npm run bench -- daemon',
    date: new Date().toISOString(),
    size,
    rounds: 1,
    busy_rounds: 0,
    figures: {
      lines,
      images: images - 1,
      workers,
      seconds_per_image: seconds / (images - 1),
      tiles_per_s: grown('selenoscan_tiles_total{state="scored"}') / seconds,
      ...Object.fromEntries(stages),
      cores_used: (last.cpuSeconds - first.cpuSeconds) / seconds,
      networks_share: networks,
      scores_share: scores,
      tiles_share: tiles,
      waiting_share: 1 - networks - scores - tiles,
      event_loop_p99_ms: 1000 * (last.metrics.get('nodejs_eventloop_lag_p99_seconds') ?? NaN),
      peak_mb: peakMb,
    },
    ratios: {},
    notes: {
      mode,
      seconds:
        'From the commit of the first image to that of the last, each of which may be under way before.',
    },
  };
}

function parse(text: string): Sample {
  return new Map(
    text.split('\n').flatMap((line) => {
      const at = line.lastIndexOf(' ');
      return line.startsWith('#') || at < 0 ? [] : [[line.slice(0, at), Number(line.slice(at + 1))] as const];
    }),
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
