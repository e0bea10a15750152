import { existsSync } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { PixelVector } from '../../src/domain/geometry.js';
import { startReplica, type Replica } from '../../src/replica/replica.js';
import type { SceneMaker } from '../../src/replica/scene-maker.js';
import type { SceneSpec } from '../../src/simulation/scene.js';
import { benchCache } from '../harness/cache.js';
import { writeScenePtif } from '../harness/scene.js';

/** A replica of the archive that serves one image, which also lies in a file. */
export interface OneImageArchive {
  readonly replica: Replica;
  readonly productId: string;
  readonly path: string;
  readonly towardsSun: PixelVector;
  /** [longitude, latitude] of upper left, upper right, lower right, lower left, degrees. */
  readonly corners: readonly (readonly [number, number])[];
}

const SEED = 3;
const VOLUME = 'LROLRC_1067A';

/** A replica of the archive whose images are made once and kept. The caller closes it. */
export function keptArchive(images: number, lines: number): Promise<Replica> {
  return startReplica({
    port: 0,
    seed: SEED,
    images,
    lines,
    newestVolume: VOLUME,
    othersEvery: 1000,
    prepare: false,
    scenes: keptScenes(),
  });
}

/** The caller closes the replica. */
export async function oneImageArchive(lines: number): Promise<OneImageArchive> {
  const replica = await keptArchive(1, lines);
  const product = replica.volumes[0]?.products[0];
  if (product === undefined) throw new Error('the replica has no product');
  const { upperLeft, upperRight, lowerRight, lowerLeft } = product.look.strip.corners();
  return {
    replica,
    productId: product.productId,
    path: await keptImage(product.scene),
    towardsSun: product.scene.towardsSun,
    corners: [upperLeft, upperRight, lowerRight, lowerLeft].map(({ lon, lat }) => [lon, lat] as const),
  };
}

/** Scenes of 4096 lines repeated downwards, made once and kept in the benches' cache. */
function keptScenes(): SceneMaker {
  return {
    truth: () => Promise.resolve([]),
    async make(spec, path) {
      await copyFile(await keptImage(spec), `${path}.part`);
      await rename(`${path}.part`, path);
    },
    close: () => Promise.resolve(),
  };
}

export async function keptImage(spec: SceneSpec): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 12);
  const path = join(benchCache('images'), `archive-${spec.lines}-${key}.tif`);
  if (existsSync(path)) return path;
  await writeScenePtif(path, spec.lines, { spec });
  return path;
}
