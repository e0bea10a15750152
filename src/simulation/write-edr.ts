import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { compandTable } from './companding.js';
import { rawSample } from './exposure.js';
import { forEachLostRun, labelFacts, type ImgProduct } from './img-product.js';
import { pds3Label } from './pds3-label.js';
import { pds4Label } from './pds4-label.js';
import type { Scene } from './scene.js';
import { md5OfFile, writeImg, writeLabelBeside } from './write-img.js';

/**
 * Writes a scene as a raw NAC product: 12-bit samples with bias, companded to 8 bits, one record a line, behind
 * an attached PDS3 label. Lost parts are zeros.
 *
 * @returns bytes of the file
 */
export function writeEdr(path: string, scene: Scene, product: ImgProduct): Promise<number> {
  const { lines, samples } = scene.spec;
  const facts = labelFacts(product, scene.spec);
  const codes = compandTable(facts.companding);
  const lost = product.lost ?? [];
  return writeImg(path, {
    lines,
    recordBytes: samples,
    band: (firstLine, count) => {
      const radiance = scene.measure(firstLine, count);
      const stored = Uint8Array.from(radiance, (value) => codes[rawSample(value)]!);
      for (let j = 0; j < count; j++) {
        forEachLostRun(lost, firstLine + j, samples, (from, to) =>
          stored.fill(0, j * samples + from, j * samples + to),
        );
      }
      return stored;
    },
    label: (labelRecords, md5) =>
      pds3Label('EDR', facts, {
        recordBytes: samples,
        labelRecords,
        fileRecords: labelRecords + lines,
        lines,
        samples,
        md5,
        image: [
          ['SAMPLE_BITS', 8],
          ['SAMPLE_TYPE', 'LSB_INTEGER'],
          ['UNIT', '"RAW_INSTRUMENT_COUNT"'],
        ],
      }),
  });
}

/** Writes the detached PDS4 label of a raw product that was written, beside it (`.xml` for `.IMG`). */
export async function writeEdrLabel(path: string, { spec }: Scene, product: ImgProduct): Promise<void> {
  const { lines, samples } = spec;
  const { size } = await stat(path);
  const xml = pds4Label(labelFacts(product, spec), {
    type: 'EDR',
    fileName: basename(path),
    fileBytes: size,
    md5: await md5OfFile(path),
    labelBytes: size - lines * samples,
    lines,
    samples,
  });
  await writeLabelBeside(path, xml);
}
