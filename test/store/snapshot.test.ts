import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { snapshotCache } from '../../src/store/embedded/snapshot-cache.js';

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-snapshot-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the snapshot that embedded databases start from', () => {
  it('is shipped for the packages that are installed', () => {
    const tar = snapshotCache().load();
    expect(tar?.length).toBeGreaterThan(10_000_000);
  });

  it('is kept and found in a folder of its own, and made anew where it is damaged', () => {
    const cache = snapshotCache(folder);
    expect(cache.load()).toBeNull();
    cache.save(gzipSync(Buffer.from('whole')));
    expect(Buffer.from(cache.load() ?? []).toString()).toBe('whole');
    cache.discard();
    expect(cache.load()).toBeNull();
    cache.save(Buffer.from('no archive'));
    expect(cache.load()).toBeNull();
  });
});
