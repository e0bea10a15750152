import type { ByteSource } from '../domain/bytes.js';
import { letOthersRun } from '../domain/let-others-run.js';
import { blockImage, extent, type BlockArea } from './block-image.js';
import type { SampleKind } from './sample-kind.js';
import { meaningOf } from './special-values.js';
import type { TiffDirectory } from './tiff-directory.js';
import { isPlanar, planesOf } from './tiff-planes.js';
import { decodeSamples } from './tiff-samples.js';
import type { WideSource } from './wide-raster.js';

/** Bytes of samples that are unpacked together; a row of an image's blocks may have more. */
const PART_BYTES = 2 ** 25;
/** Lines that are turned into numbers before others may run: some milliseconds. */
const LINES_A_TURN = 64;
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
  const meaning = meaningOf(kind, d.noData);
  const planes = isPlanar(d) ? planesOf(d) : null;
  const sign = d.photometric === 0 ? -1 : 1;

  const decodePart = async (area: BlockArea): Promise<Float32Array> => {
    const { width, height } = extent(d, area);
    const out = new Float32Array(width * height).fill(bands.weights.length > 1 ? 0 : NaN);
    const add = async (plane: TiffDirectory, members: readonly Member[]): Promise<void> => {
      const { values, stride } = await decodeSamples(bytes, plane, kind, area);
      for (const { band, weight } of members) {
        for (let y = 0; y < height; y++) {
          if (y % LINES_A_TURN === LINES_A_TURN - 1) await letOthersRun();
          let from = y * stride + band;
          for (let i = y * width; i < (y + 1) * width; i++, from += plane.samples) {
            if (weight === null) {
              if (values[from] === 0) out[i] = NaN;
            } else if (weight === 1) out[i] = sign * meaning(values[from]!);
            else out[i]! += weight * meaning(values[from]!);
          }
        }
      }
    };
    const members = membersOf(bands);
    if (planes === null) await add(d, members);
    else for (const { band, weight } of members) await add(planes[band]!, [{ band: 0, weight }]);
    return out;
  };

  const image = blockImage(
    d,
    (area) => decodeByParts(d, kind, area, decodePart),
    (pixels) => new Float32Array(pixels),
  );
  return { width: d.width, height: d.height, format, ...image, close: () => bytes.close() };
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
async function decodeByParts(
  d: TiffDirectory,
  kind: SampleKind,
  area: BlockArea,
  decode: (part: BlockArea) => Promise<Float32Array>,
): Promise<Float32Array> {
  const blockBytes = d.blockWidth * d.blockHeight * d.samples * kind.bytes;
  const columns = area.toColumn - area.fromColumn;
  const rows = Math.max(1, Math.floor(PART_BYTES / (blockBytes * columns)));
  const across = Math.min(columns, Math.max(1, Math.floor(PART_BYTES / blockBytes)));
  if (rows >= area.toRow - area.fromRow && across === columns) return decode(area);
  const { top, width, height } = extent(d, area);
  const out = new Float32Array(width * height);
  for (let fromRow = area.fromRow; fromRow < area.toRow; fromRow += rows) {
    for (let fromColumn = area.fromColumn; fromColumn < area.toColumn; fromColumn += across) {
      const part = {
        fromRow,
        toRow: Math.min(area.toRow, fromRow + rows),
        fromColumn,
        toColumn: Math.min(area.toColumn, fromColumn + across),
      };
      const samples = await decode(part);
      const inside = extent(d, part);
      const left = (fromColumn - area.fromColumn) * d.blockWidth;
      for (let line = 0; line < inside.height; line++) {
        const row = samples.subarray(line * inside.width, (line + 1) * inside.width);
        out.set(row, (inside.top - top + line) * width + left);
      }
    }
  }
  return out;
}
