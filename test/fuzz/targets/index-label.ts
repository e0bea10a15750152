import { NEEDED_COLUMNS } from '../../../src/archive/index/index-columns.js';
import { parseIndexLabel } from '../../../src/archive/index/index-layout.js';
import { parsePds3Label } from '../../../src/raster/img/pds3-label.js';
import { indexSamples } from '../support/index-samples.js';
import { PDS3_TOKENS } from '../support/labels.js';
import { mutateBytes, pick } from '../support/mutate.js';
import { expectThat, type Reader, type Prepared } from '../support/target.js';

/** INDEX.LBL, beside the other reader of PDS3 labels. */
export const indexLabel: Reader = {
  prepare(): Prepared {
    const samples = indexSamples().map(({ label }) => label);
    const tokens = [
      ...PDS3_TOKENS,
      'OBJECT = COLUMN\r\n',
      'END_OBJECT = COLUMN\r\n',
      'START_BYTE = 5\r\n',
      'BYTES = 3\r\n',
    ];
    return {
      input: (random) => mutateBytes(random, pick(random, samples), { tokens }),
      run(input) {
        const text = input.toString('utf8');
        const { recordBytes, rows, md5, columns } = parseIndexLabel(text, 'INDEX.LBL');
        expectThat(
          Number.isSafeInteger(recordBytes) && recordBytes > 0,
          () => `records of ${recordBytes} bytes`,
        );
        expectThat(rows === null || Number.isSafeInteger(rows), () => `${rows} rows`);
        expectThat(md5 === null || /^[0-9a-f]{32}$/.test(md5), () => `the MD5 ${md5}`);
        expectThat(
          NEEDED_COLUMNS.every((name) => columns.has(name)),
          () => 'a column is wanting',
        );
        const taken = new Uint8Array(Math.min(recordBytes, 2 ** 20));
        for (const [name, { start, bytes }] of columns) {
          expectThat(
            start >= 0 && bytes > 0 && start + bytes <= recordBytes,
            () => `${name} leaves the record`,
          );
          expectThat(
            taken.subarray(start, start + bytes).every((each) => each === 0),
            () => `${name} overlaps`,
          );
          taken.fill(1, start, start + bytes);
        }
        compare(text, columns);
        return 'accepted';
      },
    };
  },
};

function compare(text: string, columns: ReadonlyMap<string, { start: number; bytes: number }>): void {
  let other;
  try {
    other = parsePds3Label(text);
  } catch {
    return;
  }
  const table = other.objects.find(({ name }) => name.endsWith('INDEX_TABLE'));
  for (const { name, values } of table?.objects ?? []) {
    const own = columns.get(values.get('NAME')?.[0]?.text ?? '');
    const start = values.get('START_BYTE')?.[0]?.text;
    if (name !== 'COLUMN' || own === undefined) continue;
    expectThat(
      Number(start) === own.start + 1,
      () => `a column at ${own.start + 1} where the label says ${start}`,
    );
  }
}
