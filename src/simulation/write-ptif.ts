import { open, rename, rm } from 'node:fs/promises';
import sharp from 'sharp';

export interface PtifOptions {
  /** Default `jpeg`, as the archive's files are. */
  readonly compression?: 'jpeg' | 'deflate' | 'none';
  /** JPEG quality 1-100. Default 85: 0.14-0.4 bytes a pixel with the pyramid, by how rough the scene is. */
  readonly quality?: number;
  /** 256 x 256 tiles (default) or strips of lines. */
  readonly tiled?: boolean;
  /** Default false: classic TIFF, whose file stays below 4 GiB. */
  readonly bigtiff?: boolean;
  /** Further, halved images down to one tile. Default: as `tiled`; strips carry none. */
  readonly pyramid?: boolean;
  /** Lines asked of `band` at a time. Default 256. */
  readonly bandLines?: number;
}

type Band = (firstLine: number, lines: number) => Uint8Array | Promise<Uint8Array>;

const TILE = 256;
/** Lines in a strip of the uncompressed file; libvips holds one strip at a time. */
const STRIP_LINES = 64;

// A path written twice must not be answered from libvips's cache of opened files.
sharp.cache(false);

/**
 * Writes an 8-bit grey image as the archive's pyramidal TIFFs: 256-pixel tiles, JPEG, halving pyramid in
 * chained directories, classic TIFF.
 *
 * Bands are asked for from the first line to the last, each once, and hold `lines * width` bytes row by
 * row. They pass through an uncompressed file beside `path` (width * height bytes, removed at the end),
 * because libvips reads a file line by line but takes a stream whole into memory; memory therefore does not
 * grow with the height. `path` appears complete or not at all.
 *
 * @throws RangeError when a band has the wrong length.
 */
export async function writePtif(
  path: string,
  size: { readonly width: number; readonly height: number },
  band: Band,
  o: PtifOptions = {},
): Promise<void> {
  const raw = `${path}.${process.pid}.raw.tif`;
  const part = `${path}.${process.pid}.part`;
  try {
    await writeRaw(raw, size, band, o.bandLines ?? TILE);
    await encode(raw, part, o);
    await rename(part, path);
  } finally {
    await rm(raw, { force: true });
    await rm(part, { force: true });
  }
}

async function writeRaw(
  path: string,
  { width, height }: { width: number; height: number },
  band: Band,
  bandLines: number,
): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(rawTiffHeader(width, height));
    for (let line = 0; line < height; line += bandLines) {
      const lines = Math.min(bandLines, height - line);
      const data = await band(line, lines);
      if (data.length !== lines * width) {
        throw new RangeError(
          `The band of ${lines} lines at line ${line} holds ${data.length} bytes in place of ${lines * width}.`,
        );
      }
      await file.writeFile(data);
    }
  } finally {
    await file.close();
  }
}

async function encode(from: string, to: string, o: PtifOptions): Promise<void> {
  const tile = o.tiled ?? true;
  await sharp(from, { sequentialRead: true, limitInputPixels: false })
    .toColourspace('b-w')
    .tiff({
      compression: o.compression ?? 'jpeg',
      quality: o.quality ?? 85,
      tile,
      tileWidth: TILE,
      tileHeight: TILE,
      pyramid: o.pyramid ?? tile,
      bigtiff: o.bigtiff ?? false,
      predictor: 'none',
    })
    .toFile(to);
}

/** All of a classic uncompressed 8-bit grey TIFF (TIFF 6.0, sections 2-3) that comes before its pixels. */
function rawTiffHeader(width: number, height: number): Uint8Array {
  const [short, long] = [3, 4];
  const strips = Math.ceil(height / STRIP_LINES);
  const offsetsAt = 8 + 2 + 9 * 12 + 4;
  const countsAt = offsetsAt + 4 * strips;
  const pixelsAt = countsAt + 4 * strips;
  if (pixelsAt + width * height > 0xffffffff) {
    throw new RangeError(`An image of ${width} x ${height} pixels does not fit a classic TIFF.`);
  }
  const entries = [
    [256, long, 1, width],
    [257, long, 1, height],
    [258, short, 1, 8],
    [259, short, 1, 1],
    [262, short, 1, 1],
    [273, long, strips, strips === 1 ? pixelsAt : offsetsAt],
    [277, short, 1, 1],
    [278, long, 1, STRIP_LINES],
    [279, long, strips, strips === 1 ? width * height : countsAt],
  ] as const;
  const bytes = new Uint8Array(pixelsAt);
  const view = new DataView(bytes.buffer);
  bytes.set([0x49, 0x49, 42, 0, 8, 0, 0, 0, entries.length]);
  entries.forEach(([tag, type, count, value], i) => {
    const at = 10 + 12 * i;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, count, true);
    view.setUint32(at + 8, value, true);
  });
  for (let i = 0; i < strips; i++) {
    const first = i * STRIP_LINES;
    view.setUint32(offsetsAt + 4 * i, pixelsAt + first * width, true);
    view.setUint32(countsAt + 4 * i, Math.min(STRIP_LINES, height - first) * width, true);
  }
  return bytes;
}
