/**
 * Brings in OpenVINO, which scores on CPUs: `npm run engine:openvino`.
 *
 * Its npm package downloads the same libraries while it is installed, and takes no Node before 21. The wheel on PyPI
 * holds them with their C functions, of which the product uses a few; what serves other devices and other formats of
 * models stays out.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statfsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWith, EngineError, missingForWheels, removeLeftovers, unpackWheel } from './engines/wheels.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const engines = path.join(root, 'engines');
const folder = path.join(engines, 'openvino');
const STAMP = 'selenoscan.json';
const DISK_GB = 0.3;

const VERSION = '2026.4.1';
const WHEEL = {
  requirement: `openvino==${VERSION}`,
  sha256: '2d22b1da03f7caf74df30e9f6417d0ab2f637e4a38e08e1dcd294d2c37407aaf',
};
/** The libraries are the same for every Python. */
const PIP = ['--only-binary=:all:', '--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'];
const C_LIBRARY = 'libopenvino_c.so';
/** The C functions, the runtime, its CPU device, the reader of ONNX, and what these load. */
const LIBRARIES = [
  C_LIBRARY,
  'libopenvino.so',
  'libopenvino_intel_cpu_plugin.so',
  'libopenvino_onnx_frontend.so',
  'libtbb.so',
  'libtbbbind_2_5.so',
  'libhwloc.so',
];
const LICENCES = `openvino-${VERSION}.dist-info/licenses/`;

function missing() {
  const sentences = missingForWheels('OpenVINO is brought in');
  const { bavail, bsize } = statfsSync(root);
  const freeGb = (bavail * bsize) / 1e9;
  if (freeGb < DISK_GB)
    sentences.push(
      `OpenVINO needs ${DISK_GB} GB of disk under ${root} and ${freeGb.toFixed(1)} GB are free: make room.`,
    );
  return sentences;
}

async function bringIn() {
  await mkdir(engines, { recursive: true });
  await removeLeftovers(engines, '.openvino-');
  const work = await mkdtemp(path.join(engines, '.openvino-'));
  try {
    const unpacked = path.join(work, 'unpacked');
    const prefixes = [...LIBRARIES.map((name) => `openvino/libs/${name}`), LICENCES];
    await unpackWheel(WHEEL, PIP, work, unpacked, prefixes);
    const libraries = path.join(unpacked, 'openvino/libs');
    const library = readdirSync(libraries).find((name) => name.startsWith(C_LIBRARY));
    await rename(path.join(unpacked, LICENCES), path.join(libraries, 'licences'));
    const stamp = { version: VERSION, library, sha256: WHEEL.sha256 };
    await writeFile(path.join(libraries, STAMP), `${JSON.stringify(stamp)}\n`);
    await rm(folder, { recursive: true, force: true });
    await rename(libraries, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function isThere() {
  try {
    const { sha256, library } = JSON.parse(await readFile(path.join(folder, STAMP), 'utf8'));
    return sha256 === WHEEL.sha256 && existsSync(path.join(folder, library));
  } catch {
    return false;
  }
}

/** What `selenoscan check` says of the engine: a process of its own, since a library that crashes takes it along. */
function trial() {
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8' });
  if (built.status !== 0) throw new EngineError(`The build failed: ${built.stderr.trim()}`);
  const probe = path.join(root, 'dist/workers/probe-engine.js');
  const { stdout, signal, status } = spawnSync(process.execPath, [probe, 'openvino'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) return { reason: `it ended the process that tried it (${signal ?? `exit ${status}`})` };
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

async function main() {
  if (await isThere()) console.log('OpenVINO is already there.');
  else {
    const sentences = missing();
    if (sentences.length > 0) {
      for (const sentence of sentences) console.error(sentence);
      return 1;
    }
    await bringIn();
  }
  const answer = trial();
  if (answer.reason !== undefined)
    throw new EngineError(`OpenVINO was brought in but does not run: ${answer.reason}`);
  console.log(
    answer.bf16
      ? `OpenVINO ${answer.version}; its trial is right, and this CPU has bfloat16, so that scoring.engine auto takes it.`
      : `OpenVINO ${answer.version}; its trial is right, but this CPU has no bfloat16, so that scoring.engine auto leaves it.`,
  );
  return 0;
}

await endWith(main);
