import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { benchesIn } from '../../bench/harness/find-benches.js';
import { createProgram } from '../../src/cli/main.js';
import { commandReference } from '../../src/cli/reference.js';
import { configReference, describeDefaults } from '../../src/config/describe.js';
import { readRecords, reliabilityTable, withTable } from '../../scripts/reliability.js';

const documents = [
  'README.md',
  ...readdirSync('.').filter((file) => file.endsWith('.md') && file !== 'README.md'),
  ...readdirSync('docs')
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];

/** With the table of what the chaos tests recorded. */
function reliability(): string {
  const table = reliabilityTable(readRecords('test/chaos/results'));
  return withTable(readFileSync('docs/reliability.md', 'utf8'), table);
}

describe('what is made from the code', () => {
  test.each([
    ['docs/reference-cli.md', async () => commandReference(await createProgram())],
    ['docs/reference-config.md', configReference],
    ['config/default.yaml', describeDefaults],
    ['docs/reliability.md', reliability],
  ])('%s says what the code does; npm run docs makes it', async (file, make) => {
    expect(readFileSync(file, 'utf8')).toBe(await make());
  });
});

describe('the documents', () => {
  test.each(documents)('%s links only to what is there', (file) => {
    const text = readFileSync(file, 'utf8').replace(/```[\s\S]*?```/g, '');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
    const missing = links
      .filter((link) => !/^[a-z]+:/.test(link) && !link.startsWith('#'))
      .map((link) => link.split('#')[0]!)
      .filter((link) => !existsSync(join(dirname(file), link)));
    expect(missing).toEqual([]);
  });

  it('name only benches that there are', () => {
    const files = readdirSync('bench', { recursive: true, encoding: 'utf8' });
    const benches = new Set(
      benchesIn(files, (file) => readFileSync(join('bench', file), 'utf8')).map(({ name }) => name),
    );
    const named = documents.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/npm run bench -- ([a-z][a-z/-]*)/g)].map((match) => match[1]!),
    );
    expect(named.length).toBeGreaterThan(10);
    expect([...new Set(named)].filter((name) => !benches.has(name))).toEqual([]);
  });

  it('are each linked from the README or from one that is', () => {
    const linked = new Set<string>(['README.md']);
    for (const file of linked)
      for (const match of readFileSync(file, 'utf8').matchAll(/\]\(([^)\s#]+\.md)(#[^)]*)?\)/g)) {
        const target = join(dirname(file), match[1]!);
        if (existsSync(target)) linked.add(target);
      }
    expect(documents.filter((file) => !linked.has(file))).toEqual([]);
  });
});
