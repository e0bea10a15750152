import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseBrowseLabel, parseImgLabel } from '../../../src/archive/fetch/browse-label.js';
import { readImageLabel } from '../../../src/archive/folder/image-label.js';
import { isUserFacing } from '../../../src/domain/errors.js';
import { findLayout } from '../../../src/raster/img/find-layout.js';
import { imageBytes } from '../../../src/raster/img/image-layout.js';
import { assertMoonLabels } from '../../../src/raster/label-beside.js';
import { formatBrowseLabel } from '../../../src/replica/browse-label.js';
import { pds4Label as generated } from '../../../src/simulation/pds4-label.js';
import { FACTS, XML_TOKENS } from '../support/labels.js';
import { mutateBytes, pick } from '../support/mutate.js';
import { realFiles } from '../support/samples.js';
import { expectThat, type Reader, type Outcome, type Prepared } from '../support/target.js';

const FILE_BYTES = 2 ** 28;

/** Labels of images and of browse images, by the three that read them: for pixels, for a download, in a folder. */
export const pds4Label: Reader = {
  prepare(): Prepared {
    const folder = mkdtempSync(join(tmpdir(), 'selenoscan-fuzz-'));
    const beside = join(folder, 'M102600893LE.xml');
    const samples = [
      generated(FACTS, {
        type: 'EDR',
        fileName: 'M102600893LE.IMG',
        fileBytes: FILE_BYTES,
        md5: '0'.repeat(32),
        labelBytes: 5064,
        lines: 1000,
        samples: 5064,
      }),
      formatBrowseLabel({
        productId: 'M102600893LE',
        volumeId: 'LROLRC_1001',
        bundle: 'lro-l-lroc-2-edr',
        bytes: 77,
        md5: '0'.repeat(32),
        created: new Date(0),
      }),
    ]
      .map((text): Buffer => Buffer.from(text, 'latin1'))
      .concat(
        realFiles(
          'labels/M102600893LE_VALID.xml',
          'labels/nac.m1402237470lc_browse_ptif.xml',
          'labels/nac.m1271742202lc_cdr.xml',
        ),
      );
    return {
      input: (random) => mutateBytes(random, pick(random, samples), { tokens: XML_TOKENS }),
      async run(input): Promise<Outcome> {
        const text = input.toString('latin1');
        const name = /<file_name>([^<]*)\.IMG</.exec(text)?.[1] ?? 'M102600893LE';
        const outcomes = [
          await tried(() => checkLayout(text, `${name}.IMG`)),
          await tried(() => checkFile(parseBrowseLabel(text, 'M102600893LE', 'the label'))),
          await tried(() => checkFile(parseImgLabel(text, name, 'the label'))),
        ];
        writeFileSync(beside, input);
        const told = await readImageLabel(join(folder, 'M102600893LE.IMG'));
        expectThat(
          told.bytes === null || (Number.isSafeInteger(told.bytes) && told.bytes >= 0),
          () => 'a size',
        );
        expectThat(
          told.startTime === null || Number.isFinite(told.startTime.getTime()),
          () => 'a start time',
        );
        return outcomes.includes('accepted') ? 'accepted' : 'refused';
      },
      close: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
    };
  },
};

async function checkLayout(text: string, name: string): Promise<void> {
  const labels = [{ name: 'FUZZ.xml', text }];
  assertMoonLabels(labels, name);
  const zeros = {
    name,
    path: `/nowhere/${name}`,
    size: FILE_BYTES,
    read: (_: number, length: number) => Promise.resolve(new Uint8Array(Math.min(length, 2 ** 18))),
    close: () => Promise.resolve(),
  };
  const { layout } = await findLayout(zeros, labels);
  expectThat(
    layout.offset >= 0 && layout.offset + imageBytes(layout) <= FILE_BYTES,
    () => 'pixels that leave the file',
  );
  const stated = new Set((text.match(/[\d.]+(e[+-]?\d+)?/gi) ?? []).map(Number));
  expectThat(
    stated.has(layout.width) && stated.has(layout.height),
    () => `${layout.width} x ${layout.height} pixels`,
  );
}

function checkFile({ bytes, md5 }: { bytes: number | null; md5: string | null }): void {
  expectThat(bytes === null || (Number.isSafeInteger(bytes) && bytes > 0), () => `a file of ${bytes} bytes`);
  expectThat(md5 === null || /^[0-9a-f]{32}$/.test(md5), () => `the MD5 ${md5}`);
}

async function tried(read: () => void | Promise<void>): Promise<Outcome> {
  try {
    await read();
    return 'accepted';
  } catch (error) {
    if (!isUserFacing(error)) throw error;
    return 'refused';
  }
}
