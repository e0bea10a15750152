import type { ByteSource } from '../domain/bytes.js';
import { blockImage, extent, type BlockArea } from './block-image.js';
import type { RawLines, SampleForm } from './load-samples.js';
import { addWeighted, eraseUnseen } from './mix-bands.js';
import type { SampleKind } from './sample-kind.js';
import { SampleReader } from './sample-reader.js';
import { SpareBytes } from './spare-bytes.js';
import { worthOf } from './special-values.js';
import type { Stretch } from './stretch.js';
import { UNCOMPRESSED } from './tiff-compression.js';
import type { TiffDirectory } from './tiff-directory.js';
import { isPlanar, planesOf } from './tiff-planes.js';
import { useSamples } from './tiff-samples.js';
import type { GreyImage, WideSource } from './wide-raster.js';

/** Bytes of samples that are unpacked together; a row of an image's blocks may have more. */
const PART_BYTES = 2 ** 25;
/** Weights of red, green and blue in the brightness of linear light (ITU-R BT.709). */
const LUMINANCE = [0.2126, 0.7152, 0.0722] as const;
/** Values of ExtraSamples that mean opacity. */
const ALPHA = [1, 2];

/** Bands of an image: which ones make its brightness, and which one says where it has none. */
interface Bands {
  readonly weights: readonly number[];
  /** Band that is 0 where a pixel has no data, or null. */
  readonly alpha: number | null;
}

/**
 * A checked TIFF of samples wider than 8 bits. Colour becomes brightness; where white is zero the samples are
 * negated.
 *
 * @param bytes closed by the source's `close`
 */
export function wideTiff(bytes: ByteSource, d: TiffDirectory, kind: SampleKind, format: string): WideSource {
  const bands = bandsOf(d);
  const planes = isPlanar(d) ? planesOf(d) : null;
  const form = formOf(planes?.[0] ?? d, kind);
  const reader = new SampleReader(form, worthOf(kind, d.noData, d.photometric === 0 ? -1 : 1));
  const opacity = new SampleReader(form, worthOf(kind, '', 1));
  const single = bands.weights.length === 1;

  const spare = new SpareBytes();
  const use = (plane: number, area: BlockArea, work: (lines: RawLines) => Promise<void>): Promise<void> =>
    useSamples(bytes, planes?.[plane] ?? d, kind, area, spare, work);

  const numbersOf = async (area: BlockArea): Promise<Float32Array> => {
    const { width, height } = extent(d, area);
    const out = new Float32Array(width * height);
    const add = async (lines: RawLines, band: number, weight: number | null): Promise<void> => {
      if (single && weight !== null) return reader.numbers(lines, band, out);
      const values = new Float32Array(out.length);
      await (weight === null ? opacity : reader).numbers(lines, band, values);
      await (weight === null ? eraseUnseen(out, values) : addWeighted(out, values, weight));
    };
    const members = membersOf(bands);
    if (planes === null) {
      await use(0, area, async (lines) => {
        for (const { band, weight } of members) await add(lines, band, weight);
      });
    } else {
      for (const { band, weight } of members) await use(band, area, (lines) => add(lines, 0, weight));
    }
    return out;
  };

  const floats = (pixels: number) => new Float32Array(pixels);
  const levels = (pixels: number): Uint8Array => new Uint8Array(pixels);
  // What is only copied is quicker in pieces that the processor's cache holds.
  const most = d.compression === UNCOMPRESSED ? 0 : undefined;
  const numbers = blockImage(d, (area) => decodeByParts(d, kind, area, numbersOf, floats), floats, most);

  const grey = (stretch: Stretch): GreyImage => {
    // What is of one band alone becomes grey without a number for each of its samples.
    const isDirect = single && bands.alpha === null;
    const turn = (isDirect ? reader : NUMBERS).grey(stretch, 0);
    const decode = async (area: BlockArea, into?: Uint8Array): Promise<Uint8Array> => {
      const { width, height } = extent(d, area);
      const out = into ?? levels(width * height);
      if (isDirect) await use(0, area, (lines) => turn(lines, out));
      else await turn(linesOf(await numbersOf(area), width, height), out);
      return out;
    };
    return blockImage(d, (area, into) => decodeByParts(d, kind, area, decode, levels, into), levels, most);
  };

  return {
    width: d.width,
    height: d.height,
    format,
    bandLines: numbers.bandLines,
    blockLines: d.blockHeight,
    numbers: (x, y, w, h) => numbers.window(x, y, w, h),
    grey,
    close: () => bytes.close(),
  };
}

/** Reads what are numbers already. */
const NUMBERS = new SampleReader(
  {
    kind: { name: 'float32', bytes: 4 },
    littleEndian: true,
    bands: 1,
    predictor: 1,
    blockSamples: 1,
  },
  { table: null, specials: new Map(), minimum: -Infinity, factor: 1, base: 0, stated: null },
);

function linesOf(numbers: Float32Array, width: number, height: number): RawLines {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return { bytes, stride: width, width, height };
}

function formOf(d: TiffDirectory, kind: SampleKind): SampleForm {
  const { littleEndian, samples: bands, predictor, blockWidth } = d;
  return { kind, littleEndian, bands, predictor, blockSamples: blockWidth * bands };
}

interface Member {
  readonly band: number;
  /** Null for the opacity, which comes last. */
  readonly weight: number | null;
}

function membersOf({ weights, alpha }: Bands): Member[] {
  const members: Member[] = weights.map((weight, band) => ({ band, weight }));
  return alpha === null ? members : [...members, { band: alpha, weight: null }];
}

function bandsOf(d: TiffDirectory): Bands {
  const weights = d.samples >= 3 ? LUMINANCE : [1];
  const extra = d.extraSamples[0] ?? 0;
  return { weights, alpha: d.samples > weights.length && ALPHA.includes(extra) ? weights.length : null };
}

/** Cuts an area into parts of bounded memory: rows of blocks, and pieces of those in very wide images. */
async function decodeByParts<T extends Float32Array | Uint8Array>(
  d: TiffDirectory,
  kind: SampleKind,
  area: BlockArea,
  decode: (part: BlockArea, into?: T) => Promise<T>,
  create: (pixels: number) => T,
  into?: T,
): Promise<T> {
  const blockBytes = d.blockWidth * d.blockHeight * d.samples * kind.bytes;
  const columns = area.toColumn - area.fromColumn;
  const rows = Math.max(1, Math.floor(PART_BYTES / (blockBytes * columns)));
  const across = Math.min(columns, Math.max(1, Math.floor(PART_BYTES / blockBytes)));
  if (rows >= area.toRow - area.fromRow && across === columns) return decode(area, into);
  const { top, width, height } = extent(d, area);
  const out = into ?? create(width * height);
  for (let fromRow = area.fromRow; fromRow < area.toRow; fromRow += rows) {
    for (let fromColumn = area.fromColumn; fromColumn < area.toColumn; fromColumn += across) {
      const part = {
        fromRow,
        toRow: Math.min(area.toRow, fromRow + rows),
        fromColumn,
        toColumn: Math.min(area.toColumn, fromColumn + across),
      };
      const pixels = await decode(part);
      const inside = extent(d, part);
      const left = (fromColumn - area.fromColumn) * d.blockWidth;
      for (let line = 0; line < inside.height; line++) {
        const row = pixels.subarray(line * inside.width, (line + 1) * inside.width);
        out.set(row, (inside.top - top + line) * width + left);
      }
    }
  }
  return out;
}
