import { mkdir, readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createDownloadFolder, removeAbandonedDownloads } from '../../src/archive/fetch/download-folder.js';
import { ownerTag } from '../../src/archive/fetch/owner-tag.js';
import { testFolder } from './support.js';

/** A process that has ended, for no machine counts so far. */
const ENDED = 2 ** 30;

it('removes what killed processes left behind, the index of a volume among it, and nothing else', async () => {
  const parent = await testFolder();
  const ours = await Promise.all(
    (['scan', 'index', 'demo'] as const).map((each) => createDownloadFolder(parent, each)),
  );
  const [host, , run] = ownerTag().split('-');
  const left = ['scan', 'index', 'demo'].map((each) => `selenoscan-${each}-${host}-${ENDED}-${run}-abcdef`);
  // A container that is started again often has the number that the one before had.
  left.push(`selenoscan-scan-${host}-${process.pid}-00000000-abcdef`);
  const foreign = 'selenoscan-scan-someones-results';
  for (const name of [...left, foreign]) await mkdir(join(parent, name));
  await removeAbandonedDownloads(parent);
  expect((await readdir(parent)).sort()).toEqual(
    [...ours.map((path) => path.slice(parent.length + 1)), foreign].sort(),
  );
});

it('leaves the folder of another host alone, whose processes cannot be asked, until it is a day old', async () => {
  const parent = await testFolder();
  const name = `selenoscan-scan-00000000-${ENDED}-00000000-abcdef`;
  await mkdir(join(parent, name));
  await removeAbandonedDownloads(parent);
  expect(await readdir(parent)).toEqual([name]);
  const before = new Date(Date.now() - 25 * 3_600_000);
  await utimes(join(parent, name), before, before);
  await removeAbandonedDownloads(parent);
  expect(await readdir(parent)).toEqual([]);
});
