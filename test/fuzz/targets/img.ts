import { bytesInMemory } from '../../../src/raster/byte-source.js';
import { openRaster } from '../../../src/raster/open-raster.js';
import { pds3Label } from '../../../src/simulation/pds3-label.js';
import { texture } from '../../raster/images.js';
import { FACTS, PDS3_TOKENS } from '../support/labels.js';
import { mutateBytes, pick } from '../support/mutate.js';
import { readBothWays } from '../support/raster-checks.js';
import { realFiles } from '../support/samples.js';
import { expectThat, type Reader, type Outcome, type Prepared } from '../support/target.js';

const [LINES, SAMPLES] = [6, 500];
const LABEL_RECORDS = 12;
const MOST_LABEL_BYTES = 6000;

/** Image products with their label attached: 8-bit companded, 16-bit and 32-bit ones, generated and real. */
export const img: Reader = {
  prepare(): Prepared {
    const samples = [
      product('EDR', 1, [
        ['SAMPLE_BITS', 8],
        ['SAMPLE_TYPE', 'LSB_INTEGER'],
      ]),
      product('CDR', 2, [
        ['SAMPLE_BITS', 16],
        ['SAMPLE_TYPE', 'LSB_INTEGER'],
        ['SCALING_FACTOR', '3.05185e-05'],
        ['OFFSET', 0],
        ['NULL', -32768],
        ['VALID_MINIMUM', -32752],
      ]),
      product('CDR', 4, [
        ['SAMPLE_BITS', 32],
        ['SAMPLE_TYPE', 'PC_REAL'],
        ['NULL', '16#FF7FFFFB#'],
      ]),
      ...realFiles('labels/nacl.img', 'labels/nacr.img'),
    ];
    return {
      input(random) {
        const sample = pick(random, samples);
        const end = /\nEND\s/.exec(sample.toString('latin1', 0, MOST_LABEL_BYTES))?.index ?? MOST_LABEL_BYTES;
        return mutateBytes(random, sample, {
          hot: [
            [0, end],
            [end - 1000, end + 6],
          ],
          tokens: PDS3_TOKENS,
        });
      },
      async run(input): Promise<Outcome> {
        const image = await openRaster(bytesInMemory('/nowhere/FUZZ.IMG', input));
        try {
          await readBothWays(image);
          // Its size must stand in the label, and its pixels in the file.
          const { width, height } = image.info;
          const stated = new Set((input.toString('latin1').match(/[\d.]+(e[+-]?\d+)?/gi) ?? []).map(Number));
          expectThat(
            stated.has(width) && stated.has(height) && width * height <= input.length,
            () => `${width} x ${height} pixels by a label that does not say so, in ${input.length} bytes`,
          );
        } finally {
          await image.close();
        }
        return 'accepted';
      },
    };
  },
};

function product(
  type: 'EDR' | 'CDR',
  sampleBytes: number,
  image: readonly (readonly [keyword: string, value: string | number])[],
): Buffer {
  const recordBytes = SAMPLES * sampleBytes;
  const labelRecords = Math.ceil((LABEL_RECORDS * SAMPLES) / recordBytes);
  const parts = {
    recordBytes,
    fileRecords: labelRecords + LINES,
    labelRecords,
    image,
    lines: LINES,
    samples: SAMPLES,
  };
  const label = pds3Label(type, FACTS, { ...parts, md5: '0'.repeat(32) });
  const values = Array.from(texture(SAMPLES, LINES));
  const stored = { 1: Uint8Array, 2: Int16Array, 4: Float32Array }[sampleBytes as 1 | 2 | 4].from(values);
  return Buffer.concat([
    Buffer.from(label.padEnd(labelRecords * recordBytes), 'latin1'),
    Buffer.from(stored.buffer),
  ]);
}
