import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** Pixels of an image product and the label that stands before them. */
export interface ImgContent {
  readonly lines: number;
  readonly recordBytes: number;
  /** Stored samples of whole lines, each band asked for once from the first line on. */
  readonly band: (firstLine: number, lines: number) => Uint8Array | Promise<Uint8Array>;
  /** The label for a number of records that it fills and the checksum of the pixels. */
  readonly label: (labelRecords: number, md5: string) => string;
}

/** Lines asked of `band` at a time. */
const BAND_LINES = 256;
const MD5_LENGTH = 32;

/**
 * Writes an image product with its label attached: whole records of label, padded with blanks, then the
 * pixels. Memory does not grow with the height; `path` appears complete or not at all.
 *
 * @returns bytes of the file
 */
export async function writeImg(
  path: string,
  { lines, recordBytes, band, label }: ImgContent,
): Promise<number> {
  const records = labelRecords(label, recordBytes);
  const part = `${path}.${process.pid}.part`;
  try {
    const file = await open(part, 'w');
    try {
      const pixels = createHash('md5');
      let at = records * recordBytes;
      for (let line = 0; line < lines; line += BAND_LINES) {
        const data = await band(line, Math.min(BAND_LINES, lines - line));
        pixels.update(data);
        await file.write(data, 0, data.length, at);
        at += data.length;
      }
      const text = label(records, pixels.digest('hex')).padEnd(records * recordBytes);
      await file.write(Buffer.from(text, 'latin1'), 0, records * recordBytes, 0);
      await file.close();
      await rename(part, path);
      return at;
    } finally {
      await file.close();
    }
  } finally {
    await rm(part, { force: true });
  }
}

/** MD5 of a file, hexadecimal. */
export async function md5OfFile(path: string): Promise<string> {
  const hash: Hash = createHash('md5');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Writes the detached label of an image: the same name with `.xml`, complete or not at all. */
export async function writeLabelBeside(path: string, xml: string): Promise<void> {
  const labelPath = path.replace(/\.[^.]*$/, '.xml');
  const part = `${labelPath}.${process.pid}.part`;
  try {
    await writeFile(part, xml);
    await rename(part, labelPath);
  } finally {
    await rm(part, { force: true });
  }
}

/** Records that the label fills; their own number stands in it. */
function labelRecords(label: ImgContent['label'], recordBytes: number): number {
  let records = 1;
  for (;;) {
    const needed = Math.ceil(label(records, '0'.repeat(MD5_LENGTH)).length / recordBytes);
    if (needed <= records) return records;
    records = needed;
  }
}
