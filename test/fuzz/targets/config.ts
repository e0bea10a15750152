import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { configHash } from '../../../src/config/hash.js';
import { loadConfig } from '../../../src/config/load.js';
import { envNames } from '../../../src/config/names.js';
import { mutateBytes, pick } from '../support/mutate.js';
import { expectThat, type Reader, type Prepared } from '../support/target.js';

const TOKENS = [
  ...[
    'archive:\n',
    'http:\n',
    '  port: 0\n',
    '  urls: []\n',
    ': ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '&a ',
    '*a',
    '<<: *a\n',
  ],
  ...[
    '!!binary ',
    '!!js/function ',
    '!!set ',
    '|\n',
    '>\n',
    '? ',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '#',
    '"',
    "'",
    '\t',
  ],
  ...[
    '~',
    'null',
    'yes',
    '.inf',
    '.nan',
    '1e999',
    '0x7f',
    '-1',
    '2026-01-01',
    '__proto__:\n',
    '  constructor: 1\n',
    '\0',
    '\xff',
  ],
];
const VALUES = [
  ...[
    '',
    '0',
    '-1',
    '1e999',
    'true',
    'NaN',
    '[]',
    '["x"]',
    '[[',
    '{"a":1}',
    '["http://127.0.0.1/"]',
    'http://a:b@c/',
  ],
  ...[
    'postgres://u:secret@127.0.0.1/x',
    ' ',
    '9'.repeat(400),
    '[1,2',
    'null',
    '/nowhere',
    '.',
    'é',
    '__proto__',
  ],
];

/** A configuration file, and variables of the environment that override it. */
export const config: Reader = {
  prepare(): Prepared {
    const folder = mkdtempSync(join(tmpdir(), 'selenoscan-fuzz-'));
    const [file, again] = [join(folder, 'fuzz.yaml'), join(folder, 'again.yaml')];
    const all = readFileSync('config/default.yaml', 'utf8').replace(/^\s*#.*\n/gm, '');
    const sections = all.split(/\n(?=\w+:)/).map((section) => Buffer.from(`${section.trim()}\n`));
    const names = [...envNames().keys(), 'DATABASE_URL', 'SELENOSCAN_X', 'SELENOSCAN_ARCHIVE_URL'];
    return {
      input(random) {
        const some = [pick(random, sections), pick(random, sections)].slice(random.integer(2));
        const sample = random.uniform() < 0.05 ? Buffer.from(all) : Buffer.concat(some);
        const yaml = random.uniform() < 0.15 ? sample : mutateBytes(random, sample, { tokens: TOKENS });
        const variables = Array.from({ length: Math.max(0, random.integer(5) - 2) }, () => {
          const value =
            random.uniform() < 0.5
              ? pick(random, VALUES)
              : mutateBytes(random, Buffer.from(pick(random, VALUES))).toString();
          return [pick(random, names), value.replaceAll('\0', '')];
        });
        return Buffer.concat([Buffer.from(`${JSON.stringify(Object.fromEntries(variables))}\n`), yaml]);
      },
      run(input) {
        const end = input.indexOf(0x0a);
        writeFileSync(file, input.subarray(end + 1));
        const read = loadConfig(file, JSON.parse(input.toString('utf8', 0, end)) as Record<string, string>);
        expectThat(/^[0-9a-f]{12}$/.test(configHash(read)), () => 'no hash');
        // Written down and read again it is the same.
        writeFileSync(again, stringify(read));
        const second = loadConfig(again, {});
        expectThat(
          JSON.stringify(second) === JSON.stringify(read),
          () => 'another configuration when it is read again',
        );
        return 'accepted';
      },
      close: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
    };
  },
};
