import { basename } from 'node:path';
import { groundReflectance, SATURATED } from './exposure.js';
import { forEachLostRun, labelFacts, type ImgProduct } from './img-product.js';
import { pds3Label } from './pds3-label.js';
import { pds4Label } from './pds4-label.js';
import type { Scene } from './scene.js';
import { md5OfFile, writeImg, writeLabelBeside } from './write-img.js';

/** Stored value of I/F 1 and what 1 of it stands for, as labels spell it. */
const FULL_SCALE = 32_767;
const SCALING_FACTOR = '3.05185094759972e-05';
/** Values that are no measurement, and the lowest that is one. */
const CDR_SPECIAL = {
  NULL: -32768,
  LOW_REPR_SATURATION: -32767,
  LOW_INSTR_SATURATION: -32766,
  HIGH_INSTR_SATURATION: -32765,
  HIGH_REPR_SATURATION: -32764,
  VALID_MINIMUM: -32752,
} as const;

/**
 * Writes a scene as a calibrated NAC product: 16-bit I/F behind an attached PDS3 label, two records a line, with
 * the detached PDS4 label of the archive beside it (`.xml` for `.IMG`). Where the raw samples saturate so do
 * these; lost parts are NULL.
 */
export async function writeCdr(path: string, scene: Scene, product: ImgProduct): Promise<void> {
  const { lines, samples } = scene.spec;
  const facts = labelFacts(product, scene.spec);
  let labelBytes = 0;
  const bytes = await writeImg(path, {
    lines,
    recordBytes: samples,
    band: (firstLine, count) => storedLines(scene, product, firstLine, count),
    label: (labelRecords, md5) => {
      labelBytes = labelRecords * samples;
      const { NULL, VALID_MINIMUM, ...saturated } = CDR_SPECIAL;
      return pds3Label('CDR', facts, {
        recordBytes: samples,
        labelRecords,
        fileRecords: labelRecords + 2 * lines,
        lines,
        samples,
        md5,
        image: [
          ['SAMPLE_BITS', 16],
          ['SAMPLE_TYPE', 'LSB_INTEGER'],
          ['SCALING_FACTOR', SCALING_FACTOR],
          ['VALID_MINIMUM', VALID_MINIMUM],
          ['NULL', NULL],
          ...Object.entries(saturated),
          ['UNIT', '"Scaled I/F"'],
        ],
      });
    },
  });
  const xml = pds4Label(facts, {
    type: 'CDR',
    fileName: basename(path),
    fileBytes: bytes,
    md5: await md5OfFile(path),
    labelBytes,
    lines,
    samples,
    scalingFactor: SCALING_FACTOR,
    special: CDR_SPECIAL,
  });
  await writeLabelBeside(path, xml);
}

/** Two bytes a sample, little-endian. */
function storedLines(scene: Scene, { lost = [] }: ImgProduct, firstLine: number, count: number): Uint8Array {
  const { samples } = scene.spec;
  const scale = FULL_SCALE * groundReflectance(scene);
  const radiance = scene.measure(firstLine, count);
  const stored = new DataView(new ArrayBuffer(2 * radiance.length));
  radiance.forEach((value, i) => stored.setInt16(2 * i, storedSample(value, scale), true));
  for (let j = 0; j < count; j++) {
    forEachLostRun(lost, firstLine + j, samples, (from, to) => {
      for (let i = from; i < to; i++) stored.setInt16(2 * (j * samples + i), CDR_SPECIAL.NULL, true);
    });
  }
  return new Uint8Array(stored.buffer);
}

function storedSample(radiance: number, scale: number): number {
  if (radiance >= SATURATED.high) return CDR_SPECIAL.HIGH_INSTR_SATURATION;
  if (radiance <= SATURATED.low) return CDR_SPECIAL.LOW_INSTR_SATURATION;
  const dn = Math.round(radiance * scale);
  if (dn > FULL_SCALE) return CDR_SPECIAL.HIGH_REPR_SATURATION;
  return dn < CDR_SPECIAL.VALID_MINIMUM ? CDR_SPECIAL.LOW_REPR_SATURATION : dn;
}
