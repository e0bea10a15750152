import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asOfSystem } from '../../src/cli/system-errors.js';

describe('a refusal of the operating system', () => {
  it('becomes one sentence that names the path', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'selenoscan-system-'));
    const error: unknown = await readFile(join(folder)).catch((cause: unknown) => cause);
    rmSync(folder, { recursive: true });
    expect(asOfSystem(error, folder)).toMatchObject({
      name: 'OperationalError',
      message: `${folder} cannot be used (EISDIR at read): it is a folder; name a file.`,
    });
  });

  it('is told from errors of the program', () => {
    const own = new TypeError('x is not a function');
    expect(asOfSystem(own)).toBe(own);
    const unknown = Object.assign(new Error('?'), { code: 'EWHAT', syscall: 'open' });
    expect(asOfSystem(unknown)).toBe(unknown);
  });
});
