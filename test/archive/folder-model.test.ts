import fc from 'fast-check';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { formatRecord, type IndexRow } from '../../src/replica/index-record.js';
import { nacRow } from '../../src/replica/index-rows.js';
import { testReplica } from '../replica/support.js';
import { lookOnce, testFolder, tinyTiff } from './folder-support.js';

const VOLUME = 'LROLRC_1067A';

type Step =
  | { readonly kind: 'image'; readonly n: number; readonly level: number; readonly whole: boolean }
  | { readonly kind: 'gone'; readonly n: number }
  | { readonly kind: 'row'; readonly n: number; readonly tenths: number }
  | { readonly kind: 'table'; readonly upTo: number }
  | { readonly kind: 'look' };

const image = fc.integer({ min: 0, max: 3 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('image' as const),
        n: image,
        level: fc.integer({ min: 0, max: 2 }),
        whole: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('gone' as const), n: image }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('row' as const),
        n: image,
        tenths: fc.integer({ min: 0, max: 2 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('table' as const), upTo: fc.integer({ min: 0, max: 4 }) }),
    },
    { weight: 3, arbitrary: fc.constant({ kind: 'look' as const }) },
  ),
  { minLength: 5, maxLength: 25, size: 'max' },
);

it('whatever comes, changes and goes between looks, the last announcement of each image is the one of a first look', async () => {
  const replica = await testReplica({ images: 4, newestVolume: VOLUME });
  const products = replica.volumes[0]?.products ?? [];
  const record = (n: number, tenths: number): string => {
    const row: IndexRow = nacRow(products[n]!, VOLUME);
    return formatRecord({ ...row, SLEW_ANGLE: tenths / 10 }, VOLUME);
  };
  const id = (n: number) => products[n]?.productId ?? '';
  let announcements = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const folder = await testFolder();
      const announced = new Map<string, string>();
      let state: unknown = null;
      for (const step of [...script, { kind: 'look' as const }]) {
        if (step.kind === 'image') {
          const bytes = await tinyTiff(step.level);
          await folder.put(`EXTRAS/${id(step.n)}_pyr.tif`, step.whole ? bytes : bytes.subarray(0, 6000));
        } else if (step.kind === 'gone') {
          await rm(join(folder.root, `EXTRAS/${id(step.n)}_pyr.tif`), { force: true });
          announced.delete(id(step.n));
        } else if (step.kind === 'row') {
          await folder.put(`EXTRAS/${id(step.n)}.TAB`, record(step.n, step.tenths));
        } else if (step.kind === 'table') {
          const rows = Array.from({ length: step.upTo }, (_, n) => record(n, 3));
          await folder.put('INDEX/INDEX.TAB', rows.join(''));
        } else {
          const look = await folder.look(state);
          state = look?.state ?? state;
          for (const product of look?.products ?? []) {
            announced.set(product.productId, product.rowHash);
            announcements++;
          }
        }
      }
      const fresh = (await lookOnce(folder.again()))?.products ?? [];
      for (const product of fresh) expect(announced.get(product.productId)).toBe(product.rowHash);
      // Nothing changed since: at most what is not whole is looked at again, and those of its group with it.
      for (const product of (await folder.look(state))?.products ?? [])
        expect(announced.get(product.productId)).toBe(product.rowHash);
    }),
    { numRuns: 60 },
  );
  expect(announcements).toBeGreaterThan(60);
}, 60_000);
