import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './ensure-built.js';
import { describeLicences, readLock } from './licences.js';
import { readRecords, reliabilityTable, withTable } from './reliability.js';

/** Writes what of the documents and of the configuration is made from the code: `npm run docs`. */
const root = fileURLToPath(new URL('..', import.meta.url));
ensureBuilt();
const { createProgram } = await import('../dist/cli/main.js');
const { commandReference } = await import('../dist/cli/reference.js');
const { configReference, describeDefaults } = await import('../dist/config/describe.js');
const reliability = readFileSync(join(root, 'docs/reliability.md'), 'utf8');
const records = readRecords(join(root, 'test/chaos/results'));
for (const [file, text] of [
  ['docs/reference-cli.md', commandReference(await createProgram())],
  ['docs/reference-config.md', configReference()],
  ['docs/reliability.md', withTable(reliability, reliabilityTable(records))],
  ['config/default.yaml', describeDefaults()],
  ['docs/licences.md', describeLicences(readLock())],
]) {
  writeFileSync(join(root, file), text);
  console.log(file);
}
