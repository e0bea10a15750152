import type { ByteSource } from '../../../src/domain/bytes.js';
import { findLayout } from '../../../src/raster/img/find-layout.js';
import { imageBytes } from '../../../src/raster/img/image-layout.js';
import { sampleDecoder } from '../../../src/raster/img/sample-decoder.js';
import { assertMoonLabels } from '../../../src/raster/label-beside.js';
import { pds3Label as generated } from '../../../src/simulation/pds3-label.js';
import { FACTS, PDS3_TOKENS } from '../support/labels.js';
import { mutateBytes, pick } from '../support/mutate.js';
import { realFiles } from '../support/samples.js';
import { expectThat, type Reader, type Outcome, type Prepared } from '../support/target.js';

const FILE_BYTES = 2 ** 28;

/** Labels attached to an image and beside one, by all that read them before a pixel is looked at. */
export const pds3Label: Reader = {
  prepare(): Prepared {
    const parts = {
      recordBytes: 5064,
      fileRecords: 1002,
      labelRecords: 2,
      lines: 1000,
      samples: 5064,
      md5: '0'.repeat(32),
    };
    const own = generated('CDR', FACTS, {
      ...parts,
      image: [
        ['SAMPLE_BITS', 16],
        ['SAMPLE_TYPE', 'LSB_INTEGER'],
        ['NULL', -32768],
      ],
    });
    const samples = [
      ...[own, own.replace(/\^IMAGE\s+= 3/, '^IMAGE = ("FUZZ.IMG", 3)')].map((text) =>
        Buffer.from(text, 'latin1'),
      ),
      ...realFiles(
        'labels/M102128467LE_EDR_original_label.pvl',
        'labels/M119212462LE_EDR_original_label.pvl',
        'labels/M103595705LE_EDR_pds3.lbl',
      ),
    ];
    return {
      input: (random) => mutateBytes(random, pick(random, samples), { tokens: PDS3_TOKENS }),
      async run(input): Promise<Outcome> {
        const text = input.toString('latin1');
        const labels = /\^IMAGE\s*=\s*\(?\s*"/.test(text) ? [{ name: 'FUZZ.LBL', text }] : [];
        assertMoonLabels(labels, 'FUZZ.IMG');
        const { layout } = await findLayout(fileWith(labels.length === 0 ? input : Buffer.alloc(64)), labels);
        expectThat(
          layout.offset >= 0 &&
            Number.isSafeInteger(layout.offset) &&
            layout.offset + imageBytes(layout) <= FILE_BYTES,
          () => `pixels from byte ${layout.offset} on that leave the file`,
        );
        expectThat(
          Number.isFinite(layout.factor) && Number.isFinite(layout.base),
          () => 'a scale that is no number',
        );
        try {
          sampleDecoder(layout);
        } catch (error) {
          if (error instanceof RangeError && /is no number$/.test(error.message)) return 'refused';
          throw error;
        }
        return 'accepted';
      },
    };
  },
};

/** A large file that begins with these bytes and then holds zeros. */
function fileWith(head: Uint8Array): ByteSource {
  return {
    name: 'FUZZ.IMG',
    path: '/nowhere/FUZZ.IMG',
    size: FILE_BYTES,
    read(offset, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, FILE_BYTES - offset)));
      bytes.set(head.subarray(offset, offset + bytes.length));
      return Promise.resolve(bytes);
    },
    close: () => Promise.resolve(),
  };
}
