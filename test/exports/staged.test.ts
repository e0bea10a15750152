import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkTarget, writeStaged } from '../../src/exports/staged.js';

describe('an export into its place', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'selenoscan-staged-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string) => join(folder, name);

  it('appears whole, with what lies beside it, and leaves nothing else', async () => {
    const target = { path: at('a.csv'), beside: [at('a.prj')], force: false };
    const bytes = await writeStaged(target, (path) => {
      writeFileSync(path, 'rows');
      writeFileSync(path.slice(0, -4) + '.prj', 'moon!');
      expect(existsSync(at('a.csv'))).toBe(false);
      return Promise.resolve();
    });
    expect(bytes).toBe(9);
    expect(readdirSync(folder).sort()).toEqual(['a.csv', 'a.prj']);
  });

  it('that breaks leaves what was there before', async () => {
    writeFileSync(at('a.csv'), 'old');
    const broken = writeStaged({ path: at('a.csv'), beside: [], force: true }, (path) => {
      writeFileSync(path, 'half');
      return Promise.reject(new Error('lost'));
    });
    await expect(broken).rejects.toThrow('lost');
    expect(readdirSync(folder)).toEqual(['a.csv']);
    expect(readFileSync(at('a.csv'), 'utf8')).toBe('old');
  });

  it('takes the place of a folder, too', async () => {
    mkdirSync(at('dir'));
    writeFileSync(at('dir/old'), '');
    await writeStaged({ path: at('dir'), beside: [], force: true }, (path) => {
      mkdirSync(path);
      writeFileSync(join(path, 'new'), '');
      return Promise.resolve();
    });
    expect(readdirSync(folder)).toEqual(['dir']);
    expect(readdirSync(at('dir'))).toEqual(['new']);
  });

  it('is refused where something is in the way, but for an empty folder or by force', async () => {
    const check = (path: string, beside: string[] = [], force = false) =>
      checkTarget({ path: at(path), beside, force });
    writeFileSync(at('a.prj'), '');
    mkdirSync(at('empty'));
    await expect(check('a.prj')).rejects.toThrow(
      /a\.prj is there already; give another name, or replace it by --force\.$/,
    );
    await expect(check('a.csv', [at('a.prj')])).rejects.toThrow(/a\.prj is there already/);
    await expect(check('a.prj', [], true)).resolves.toBeUndefined();
    await expect(check('empty')).resolves.toBeUndefined();
    writeFileSync(at('empty/file'), '');
    await expect(check('empty')).rejects.toThrow(/empty is there already/);
    await expect(check('no/where.csv')).rejects.toThrow(/its folder is not there/);
  });

  it('says in one sentence why a disk takes no more', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    await expect(
      writeStaged({ path: at('a.csv'), beside: [], force: false }, () => Promise.reject(full)),
    ).rejects.toMatchObject({
      name: 'OperationalError',
      message: `${at('a.csv')} cannot be written: the disk is full; give another place.`,
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});
