import { spawnSync } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import path from 'node:path';

const runs = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Folder whose `include/node/node_api.h` belongs to the running Node, or null. */
export function nodeHeaders() {
  const candidates = [process.env.npm_config_nodedir, path.resolve(path.dirname(process.execPath), '..')];
  return (
    candidates.find((folder) => folder && existsSync(path.join(folder, 'include/node/node_api.h'))) ?? null
  );
}

/** What the build needs and this machine lacks: one sentence each, with its remedy. */
export function missingRequirements(variant, packageFolder, diskGb) {
  const missing = [];
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    missing.push(
      `The engine is built on Linux x64 only, and this is ${process.platform} ${process.arch}: use a Linux x64 machine.`,
    );
    return missing;
  }
  if (!runs('g++', ['--version']))
    missing.push('The C++ compiler g++ is missing: install it (Debian: apt-get install g++).');
  if (!runs('make', ['--version']))
    missing.push('The program make is missing: install it (Debian: apt-get install make).');
  if (!runs('python3', ['--version'])) {
    missing.push('Python 3 is missing: install it with pip (Debian: apt-get install python3 python3-pip).');
  } else if (!runs('python3', ['-m', 'pip', '--version'])) {
    missing.push('The pip of python3 is missing: install it (Debian: apt-get install python3-pip).');
  }
  if (!existsSync(packageFolder)) {
    missing.push('The package @tensorflow/tfjs-node-gpu is not installed: run npm ci first.');
    return missing;
  }
  if (nodeHeaders() === null) {
    missing.push(
      `The C headers of Node are not beside ${process.execPath}: use a Node.js distribution with include/node, or name its folder in npm_config_nodedir.`,
    );
  }
  const disk = statfsSync(packageFolder);
  const freeGb = (disk.bavail * disk.bsize) / 1e9;
  if (freeGb < diskGb) {
    missing.push(
      `The ${variant} engine needs ${diskGb} GB of disk under ${packageFolder} and ${freeGb.toFixed(1)} GB are free: make room.`,
    );
  }
  return missing;
}
