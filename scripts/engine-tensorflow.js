/**
 * Builds the native addon of @tensorflow/tfjs-node-gpu on a current TensorFlow: `npm run engine:tensorflow -- cpu|cuda`.
 *
 * The package's own download is TensorFlow 2.9.1 for CUDA 11.2, without kernels for today's GPUs. The addon uses
 * only plain C functions of TensorFlow, all of which the wheels on PyPI still export, so their library takes its place.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingRequirements, nodeHeaders } from './engine-tensorflow/requirements.js';
import { endWith, EngineError, removeLeftovers, unpackWheel } from './engines/wheels.js';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);
const packageFolder = path.join(root, 'node_modules/@tensorflow/tfjs-node-gpu');
const deps = path.join(packageFolder, 'deps');
const stampFile = path.join(deps, 'selenoscan.json');
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

async function unpackWheels(variant, pipOptions) {
  await removeLeftovers(packageFolder, '.engine-');
  const work = await mkdtemp(path.join(packageFolder, '.engine-'));
  try {
    const unpacked = path.join(work, 'unpacked');
    for (const wheel of variant.wheels) {
      const prefixes = wheel.requirement.startsWith('nvidia-')
        ? ['nvidia/']
        : [
            'tensorflow/libtensorflow_cc.so.2',
            'tensorflow/libtensorflow_framework.so.2',
            'tensorflow/include/',
          ];
      await unpackWheel(wheel, pipOptions, work, unpacked, prefixes);
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
    throw new EngineError(
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
    if (!state.answer) throw new EngineError(`The engine was built but does not run: ${state.problem}`);
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

await endWith(main);
