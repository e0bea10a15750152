import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { ensureBuilt } from './ensure-built.js';
import { nodeBinaries } from './test/node-binaries.js';

/**
 * Runs the program on each supported line of Node: `npm run test:nodes`. Native modules load, an image is
 * scanned, the archive replica serves, and a run into an embedded database commits; results must be the same on
 * all. The last line printed is `N passed, N failed`. With CI=true, a Node that is left out is a failure.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'selenoscan-nodes-'));
const children = new Set();

/** What stands when the run ends before its steps do: sources that do not compile. */
let count = { passed: 0, failed: 1 };
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(work, { recursive: true, force: true });
  console.log(`${count.passed} passed, ${count.failed} failed`);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** A command that takes longer hangs; on a quiet machine the whole run takes a third of it. */
const PATIENCE_MS = 240_000;

/** The smallest image that holds hardware, and a coarse stride: what is tested here is the platform. */
const REPLICA = ['replica', '--port', '0', '--images', '1', '--lines', '1088', '--json'];
/** All supported lines of Node run side by side. */
const ONE_THREAD = { SELENOSCAN_SCORING_WORKERS: '1' };
const COARSE = { SELENOSCAN_TILING_STRIDE_X: '64', SELENOSCAN_TILING_STRIDE_Y: '64' };

ensureBuilt();
const { found, leftOut } = nodeBinaries();
count = { passed: 0, failed: 0 };
const results = await Promise.all(found.map(smoke));
for (const name of results.length > 1 ? ['detections', 'truth', 'run'] : [])
  await step(`${name} the same on ${found.map(({ version }) => version).join(', ')}`, () => {
    if (results.some((result) => result[name] === undefined)) throw new Error('not all have it');
    const differing = results.filter((result) => !isDeepStrictEqual(result[name], results[0]?.[name]));
    if (differing.length > 0)
      throw new Error(`differs on ${differing.map(({ version }) => version).join(', ')}`);
  });
for (const { version, reason } of leftOut) {
  console.log(`Left out: Node ${version} (${reason})`);
  if (process.env['CI'] === 'true') count.failed++;
}
process.exitCode = count.failed === 0 && count.passed > 0 ? 0 : 1;

/** The program on one Node, step by step; a step that fails does not keep the later ones from running. */
async function smoke({ version, path }) {
  const on = (name, action) => step(`Node ${version}: ${name}`, action);
  const run = async (args, env = {}) => JSON.parse(await output(path, [...args, '--json'], env));
  const result = { version };

  await on('--version', () => output(path, ['--version']));
  await on('check --engine (onnxruntime)', async () => {
    const { ok, checks } = await run(['check', '--engine']);
    if (!ok) throw new Error(JSON.stringify(checks));
  });
  await on('scan (sharp, worker threads)', async () => {
    const { images } = await run(['scan', 'docs/example/synthetic.png', '--sun', '300'], COARSE);
    result.detections = images[0].detections.map((detection) => ({ ...detection, scanned_at: null }));
    if (result.detections.length === 0) throw new Error('nothing was found');
  });
  await on('replica, run --once --embedded from it, and export of that (SQLite)', async () => {
    const replica = await startReplica(path);
    try {
      const answer = await fetch(`${replica.address}truth.json`);
      result.truth = await answer.json();
      if (result.truth.length === 0) throw new Error('the replica plants nothing');
      const env = {
        ...COARSE,
        SELENOSCAN_ARCHIVE_URLS: JSON.stringify([replica.address]),
        SELENOSCAN_ARCHIVE_SPACING_MS: '0',
      };
      const once = ['run', '--once', '--embedded', join(work, version)];
      result.run = (await run(once, env)).scans;
      if (result.run.scanned !== 1) throw new Error(`scanned ${JSON.stringify(result.run)}`);
      // What a second run does is the same on every Node; that each opens what it made is seen by the export.
      if (version === found[0].version) {
        const again = (await run(once, env)).scans;
        if (Object.keys(again).length > 0) throw new Error(`scanned again: ${JSON.stringify(again)}`);
      }
      const out = join(work, `${version}.gpkg`);
      const { layers } = await run(['export', '--out', out, '--embedded', join(work, version)]);
      if (!layers.some((layer) => layer.name === 'coverage' && layer.count === 1))
        throw new Error(`exported ${JSON.stringify(layers)}`);
    } finally {
      replica.stop();
    }
  });
  return result;
}

async function step(name, action) {
  const started = performance.now();
  try {
    await action();
    count.passed++;
    console.log(`ok      ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    count.failed++;
    console.log(`FAILED  ${name}: ${error.message}`);
  }
}

function start(path, args, env = {}, timeout = 0) {
  const ours = Object.entries(process.env).filter(([name]) => !/^(SELENOSCAN_|DATABASE_URL$)/.test(name));
  const child = spawn(path, ['bin/selenoscan.js', ...args], {
    cwd: root,
    env: { ...Object.fromEntries(ours), ...ONE_THREAD, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
  });
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
}

/** What a command prints; its errors where it fails. */
function output(path, args, env) {
  return new Promise((resolve, reject) => {
    const child = start(path, args, env, PATIENCE_MS);
    const text = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'])
      child[stream].setEncoding('utf8').on('data', (chunk) => (text[stream] += chunk));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(text.stdout);
      else
        reject(new Error(`ended with ${signal ?? code}: ${text.stdout}${text.stderr}`.trim().slice(-1500)));
    });
  });
}

async function startReplica(path) {
  const child = start(path, REPLICA);
  child.stderr.resume();
  for await (const line of createInterface({ input: child.stdout })) {
    return { address: JSON.parse(line).address, stop: () => child.kill('SIGTERM') };
  }
  throw new Error('the replica did not start');
}
