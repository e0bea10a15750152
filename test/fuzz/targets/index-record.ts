import { parse } from 'csv-parse/sync';
import { parseIndexLabel, type IndexLayout } from '../../../src/archive/index/index-layout.js';
import { parseIndexRecord } from '../../../src/archive/index/index-record.js';
import { checkRecord } from '../../../src/archive/index/index-table.js';
import { KNOWN_LAYOUTS } from '../../../src/archive/index/known-layouts.js';
import { indexSamples } from '../support/index-samples.js';
import { mutateBytes, pick } from '../support/mutate.js';
import { checkRow } from '../support/product-checks.js';
import { realFiles } from '../support/samples.js';
import { expectThat, type Reader, type Prepared } from '../support/target.js';

const TOKENS = [
  ...[
    '"',
    ',',
    '","',
    '",',
    ',"',
    ' ',
    '-',
    '.',
    '999.99',
    '9999.99',
    '-1.00',
    '0.00',
    'N/A',
    'MOON',
    'LEFT',
    'RIGHT',
  ],
  ...[
    'M114145549LE',
    'NaN',
    'Infinity',
    '1e5',
    '2009-13-45 99:99:99',
    '\r\n',
    '\n',
    '\0',
    '\xff',
    '../../etc/',
  ],
];

/** Records of both layouts, generated and real, as a reader of a whole table cuts them. */
export const indexRecord: Reader = {
  prepare(): Prepared {
    const layouts = new Map<number, IndexLayout>();
    const samples: Buffer[] = [];
    for (const { table, label } of indexSamples()) {
      const layout = parseIndexLabel(label.toString('latin1'), 'INDEX.LBL');
      layouts.set(layout.recordBytes, layout);
      samples.push(...cut(table, layout.recordBytes));
    }
    for (const [i, table] of realFiles('index/INDEX_901.TAB', 'index/INDEX_902.TAB').entries())
      samples.push(...cut(table, 901 + i));
    return {
      input(random) {
        const sample = pick(random, samples);
        const bytes = mutateBytes(random, sample, { tokens: TOKENS });
        // Mostly of the right length, as a shifted record in a table is.
        if (random.uniform() < 0.1) return bytes;
        const padded = Buffer.concat([bytes, sample.subarray(Math.min(bytes.length, sample.length))]);
        return Buffer.concat([padded.subarray(0, sample.length - 2), Buffer.from('\r\n')]);
      },
      run(input) {
        const columns = layouts.get(input.length)?.columns ?? KNOWN_LAYOUTS.get(input.length);
        if (columns === undefined) return 'refused';
        checkRecord(input, 'INDEX.TAB');
        const row = parseIndexRecord(input, columns);
        if (!checkRow(row)) return 'refused';
        const fields = fieldsOf(input);
        expectThat(fields?.length === columns.size, () => 'a row that is no line of so many fields');
        const text = input.toString('latin1');
        for (const [i, [name, { start, bytes }]] of [...columns].entries()) {
          const own = text.slice(start, start + bytes).trim();
          expectThat(
            own === fields?.[i],
            () => `${name} is ${JSON.stringify(own)}, and ${JSON.stringify(fields?.[i])} by its commas`,
          );
        }
        return 'accepted';
      },
    };
  },
};

function cut(table: Buffer, recordBytes: number): Buffer[] {
  return Array.from({ length: table.length / recordBytes }, (_, i) =>
    table.subarray(i * recordBytes, (i + 1) * recordBytes),
  );
}

/** A second reader, by commas and quotes. */
function fieldsOf(record: Buffer): string[] | null {
  try {
    const rows = parse(record.toString('latin1'), {
      trim: true,
      relax_column_count: true,
      record_delimiter: '\r\n',
    });
    return rows.length === 1 ? (rows[0] as string[]).map((field) => field.trim()) : null;
  } catch {
    return null;
  }
}
