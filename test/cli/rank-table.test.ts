import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writeTable } from '../../src/cli/rank-table.js';
import type { Ranked } from '../../src/evaluation/rank-order.js';

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-rank-table-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('a table of ranks that breaks leaves the one before', async () => {
  const path = join(folder, 'order.csv');
  writeFileSync(path, 'earlier');
  const broken = [{ item: 0 }, { item: 1 }] as unknown as readonly Ranked[];
  const rows = [{ image: 'a.png', at: null, score: 1, bytes: 10 }] as unknown as Parameters<
    typeof writeTable
  >[2];
  await expect(writeTable(path, broken, rows)).rejects.toThrow();
  expect(readFileSync(path, 'utf8')).toBe('earlier');
  expect(readdirSync(folder)).toEqual(['order.csv']);
});
