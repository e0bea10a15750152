import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { KnownImages } from '../../src/archive/folder/known-images.js';

type Folder = ReadonlyMap<string, number>;

const folders: fc.Arbitrary<Folder> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 3 })), { maxLength: 200 })
  .map((pairs) => new Map(pairs.map(([n, version]) => [`M${100_000_000 + n}L`, version])));

function known(folder: Folder): KnownImages {
  const all = KnownImages.none();
  for (const [id, version] of folder) all.add(id, createHash('sha256').update(`${id} ${version}`).digest());
  return all;
}

const through = (state: unknown): KnownImages => KnownImages.fromState(JSON.parse(JSON.stringify(state)));

it('every image that came, changed or lay beside one that went is seen, whatever the order', () => {
  fc.assert(
    fc.property(folders, folders, (before, after) => {
      const old = through(known(before).toState([]));
      const now = known(new Map([...after].reverse()));
      expect(now.equals(known(after))).toBe(true);
      const changed = [...after].filter(([id, version]) => before.get(id) !== version);
      for (const [id] of changed) expect(now.agrees(old, id)).toBe(false);
      const same = changed.length === 0 && before.size === after.size;
      expect(now.equals(old)).toBe(same);
    }),
  );
});

it('an image that is not finished is looked at again though nothing changed', () => {
  fc.assert(
    fc.property(folders, fc.nat(), (folder, pick) => {
      const ids = [...folder.keys()];
      const id = ids[pick % Math.max(1, ids.length)];
      fc.pre(id !== undefined);
      const now = known(folder);
      const state = through(now.toState([id ?? '', id ?? '']));
      expect(now.agrees(state, id ?? '')).toBe(false);
      const others = ids.filter((other) => !now.agrees(state, other));
      expect(others.length).toBeLessThanOrEqual(5);
    }),
  );
});

it('what is remembered has one size, and what is no state of ours knows nothing', () => {
  const sizeOf = (count: number) =>
    JSON.stringify(
      known(new Map(Array.from({ length: count }, (_, n) => [`M${100_000_000 + n}R`, n]))).toState([]),
    ).length;
  expect(sizeOf(20_000)).toBe(sizeOf(0));
  for (const state of [null, 7, {}, { known: 'AAAA' }, { newestVolume: 'LROLRC_1067A' }])
    expect(KnownImages.fromState(state).equals(KnownImages.none())).toBe(true);
});
