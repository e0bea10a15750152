import { existsSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { missingForWheels, missingProgram } from '../engines/wheels.js';

/** Folder whose `include/node/node_api.h` belongs to the running Node, or null. */
export function nodeHeaders() {
  const candidates = [process.env.npm_config_nodedir, path.resolve(path.dirname(process.execPath), '..')];
  return (
    candidates.find((folder) => folder && existsSync(path.join(folder, 'include/node/node_api.h'))) ?? null
  );
}

/** What the build needs and this machine lacks: one sentence each, with its remedy. */
export function missingRequirements(variant, packageFolder, diskGb) {
  const missing = missingForWheels('The engine is built');
  if (process.platform !== 'linux' || process.arch !== 'x64') return missing;
  for (const [program, sentence] of [
    ['g++', 'The C++ compiler g++ is missing: install it (Debian: apt-get install g++).'],
    ['make', 'The program make is missing: install it (Debian: apt-get install make).'],
  ]) {
    const lacking = missingProgram(program, sentence);
    if (lacking !== null) missing.push(lacking);
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
