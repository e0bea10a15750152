import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import { DATA_SET_IDS } from '../../src/archive/data-set.js';
import { browsePath, imgPath } from '../../src/replica/archive-files.js';
import { startReplica, type Replica, type ReplicaOptions } from '../../src/replica/replica.js';
import type { SceneMaker } from '../../src/replica/scene-maker.js';
import { writePtif } from '../../src/simulation/write-ptif.js';

/** Addresses of a product's files in the replica's first volume, at the store; `front`: at the archive's own host. */
export function archiveUrls({ address, volumes }: Replica, host = 'localhost') {
  const volume = volumes[0]!;
  const product = volume.products[0]!;
  const root = `${address.replace('127.0.0.1', host)}data/store/img/lunar_reconnaissance_orbiter/pds4/lroc/`;
  const store = `${root}lro-l-lroc-${volume.dataSet === 'cdr' ? '3-cdr' : '2-edr'}/${volume.volumeId}/`;
  return {
    indexLabel: `${store}INDEX/INDEX.LBL`,
    indexTable: `${store}INDEX/INDEX.TAB`,
    image: `${store}${browsePath(product)}.tif`,
    label: `${store}${browsePath(product)}.xml`,
    img: `${store}${imgPath(product)}.IMG`,
    imgLabel: `${store}${imgPath(product)}.xml`,
    front: `${address}${DATA_SET_IDS[volume.dataSet]}/${volume.volumeId}/${browsePath(product)}.tif`,
  };
}

/** Scenes that cost nothing: five landers on a diagonal, and a file that begins as a TIFF does. */
export function quickScenes(bytes = 40_000): SceneMaker {
  return {
    truth: ({ landers, lines, samples }) =>
      Promise.resolve(
        Array.from({ length: landers }, (_, n) => ({
          kind: 'lander' as const,
          line: ((n + 0.5) / landers) * lines,
          sample: ((n + 0.5) / landers) * samples,
          sizePx: 4 + n,
          sizeM: 4 + n,
        })),
      ),
    make: ({ seed }, path) => {
      const block = createHash('sha512').update(String(seed)).digest();
      const content = Buffer.alloc(bytes, block);
      content.write('II*\0', 0, 'latin1');
      return writeFile(path, content);
    },
    close: () => Promise.resolve(),
  };
}

/** Small real TIFFs of noise; one seed in five gives an image that is dark all over. */
export const noiseScenes: SceneMaker = {
  truth: () => Promise.resolve([]),
  make: ({ seed, lines, samples }, path) =>
    writePtif(path, { width: samples, height: lines }, (_first, count) => {
      const bytes = new Uint8Array(count * samples);
      if (seed % 5 > 0) for (let i = 0; i < bytes.length; i++) bytes[i] = 60 + ((i * 7919 + seed) % 101);
      return bytes;
    }),
  close: () => Promise.resolve(),
};

/** A replica with quick scenes on a free port, closed after the test. */
export async function testReplica(options: Partial<ReplicaOptions> = {}): Promise<Replica> {
  const replica = await startReplica({
    port: 0,
    seed: 7,
    images: 4,
    newestVolume: 'LROLRC_1067A',
    prepare: false,
    scenes: quickScenes(),
    ...options,
  });
  onTestFinished(() => replica.close());
  return replica;
}
