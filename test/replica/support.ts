import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import { startReplica, type Replica, type ReplicaOptions } from '../../src/replica/replica.js';
import type { SceneMaker } from '../../src/replica/scene-maker.js';

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
