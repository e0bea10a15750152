import { GeoTIFF, registerTag, type ImageFileDirectory } from 'geotiff';
import type { ByteSource } from '../domain/bytes.js';
import { isUserFacing } from '../domain/errors.js';
import { truncated, undecodable } from './faults.js';
import { pagedBytes } from './paged-bytes.js';
import { checkTiffEntries } from './tiff-entries.js';

/** What a TIFF says of its full-resolution image. Nothing is checked here. */
export interface TiffDirectory {
  readonly width: number;
  readonly height: number;
  readonly samples: number;
  /** Bits of each sample. */
  readonly bits: readonly number[];
  /** 1 unsigned, 2 signed, 3 float, 4 not told; one for each sample. */
  readonly sampleFormats: readonly number[];
  readonly photometric: number;
  readonly planar: number;
  readonly compression: number;
  readonly predictor: number;
  readonly tiled: boolean;
  /** Pixels; a strip is a block as wide as the image. */
  readonly blockWidth: number;
  readonly blockHeight: number;
  /** Bytes from the start of the file, by block: row by row, and plane by plane where planes lie apart. */
  readonly offsets: ArrayLike<number>;
  readonly byteCounts: ArrayLike<number>;
  /** Tables that the JPEG blocks share: a JPEG stream of its own. */
  readonly jpegTables: Uint8Array | null;
  readonly ycbcrSubsampling: readonly number[];
  readonly extraSamples: readonly number[];
  /** Red, green and blue of the palette's colours, 0..65535, one after the other; empty without a palette. */
  readonly colorMap: ArrayLike<number>;
  /** GDAL's tag as it stands: the sample that means no data, or ''. */
  readonly noData: string;
  readonly littleEndian: boolean;
  readonly bigTiff: boolean;
  /** Images in the file: this one and its reduced ones, chained or in SubIFDs. */
  readonly levels: number;
  readonly geoKeys: Readonly<Record<string, unknown>>;
  /** The XML of GDAL's metadata tag, or ''. */
  readonly gdalMetadata: string;
}

type Pages = ReturnType<typeof pagedBytes>;
type Tag = Parameters<ImageFileDirectory['hasTag']>[0];

/** More directories than halvings of any image; a chain longer than this is damage. */
const MAX_DIRECTORIES = 64;
/** Bytes of one value of a directory: far above the offsets of the largest image that is read. */
const MAX_VALUE_BYTES = 256 * 2 ** 20;

// geotiff 3.0.5 reads arrays that it defers as little-endian whatever the file says; eager ones come right.
for (const [tag, name] of [
  [273, 'StripOffsets'],
  [279, 'StripByteCounts'],
  [324, 'TileOffsets'],
  [325, 'TileByteCounts'],
] as const) {
  registerTag(tag, name, 'LONG', true, true);
}
registerTag(320, 'ColorMap', 'SHORT', true, true);

/** Compressions that a predictor goes before: LZW and Deflate. Beside others the tag says nothing. */
const PREDICTED = [5, 8, 32946];

/** Bits of NewSubfileType. */
const REDUCED = 1;
const MASK = 4;

/** @throws InvalidProductError `truncated`, `undecodable` */
export async function readTiffDirectory(bytes: ByteSource): Promise<TiffDirectory> {
  try {
    const pages = pagedBytes(bytes);
    const tiff = await GeoTIFF.fromSource(asGeotiffSource(bytes, pages));
    checkBeforeParsing(tiff.parser, pages, bytes.size);
    const all = await allDirectories(tiff);
    const { bigTiff, littleEndian } = tiff;
    return { ...(await describe(await largest(all))), bigTiff, littleEndian, levels: all.length };
  } catch (error) {
    if (isUserFacing(error)) throw error;
    if (error instanceof RangeError && /bounds/.test(error.message)) {
      throw truncated(bytes.name, 'its TIFF directory lies beyond the end of the file', error);
    }
    throw undecodable(bytes.name, 'its TIFF directory cannot be read', error);
  }
}

/** geotiff takes memory for what a directory claims before it looks whether the file holds it. */
function checkBeforeParsing(parser: GeoTIFF['parser'], pages: Pages, fileSize: number): void {
  const parse = parser.parseFileDirectoryAt.bind(parser);
  parser.parseFileDirectoryAt = async (offset) => {
    await checkTiffEntries(pages, fileSize, offset, parser);
    return parse(offset);
  };
}

/** The chained directories, which shows that the file reaches to the last of them, each with its SubIFDs. */
async function allDirectories(tiff: GeoTIFF): Promise<ImageFileDirectory[]> {
  const found: ImageFileDirectory[] = [];
  const seen = new Set<number>();
  for (let index = 0; ; index++) {
    const directory = await tiff.requestIFD(index);
    found.push(directory);
    for (const offset of Array.from(await list(directory, 'SubIFDs'))) {
      if (found.length >= MAX_DIRECTORIES) throw new Error('There are too many directories.');
      found.push(await tiff.parser.parseFileDirectoryAt(Number(offset)));
    }
    const next = directory.nextIFDByteOffset;
    if (next === 0) return found;
    if (seen.has(next) || found.length >= MAX_DIRECTORIES) {
      throw new Error('The chain of directories has no end.');
    }
    seen.add(next);
  }
}

/**
 * The full-resolution image: the largest that is neither called reduced nor a mask, the first of equals. Some
 * writers put a reduced image first, and some call every image reduced.
 */
async function largest(directories: readonly ImageFileDirectory[]): Promise<ImageFileDirectory> {
  const ranked = await Promise.all(
    directories.map(async (directory) => {
      const number = async (tag: Tag) => (await list(directory, tag))[0] ?? 0;
      const kind = await number('NewSubfileType');
      const pixels = (await number('ImageWidth')) * (await number('ImageLength'));
      return { directory, rank: kind & MASK ? 2 : kind & REDUCED ? 1 : 0, pixels };
    }),
  );
  ranked.sort((a, b) => a.rank - b.rank || b.pixels - a.pixels);
  const [best] = ranked;
  if (best === undefined) throw new Error('There is no directory.');
  return best.directory;
}

async function describe(
  directory: ImageFileDirectory,
): Promise<Omit<TiffDirectory, 'bigTiff' | 'littleEndian' | 'levels'>> {
  const numbers = (tag: Tag) => list(directory, tag);
  const number = async (tag: Tag, otherwise: number) => (await numbers(tag))[0] ?? otherwise;
  const width = await number('ImageWidth', 0);
  const height = await number('ImageLength', 0);
  const samples = await number('SamplesPerPixel', 1);
  const tiled = directory.hasTag('TileOffsets');
  const compression = await number('Compression', 1);
  const rowsPerStrip = await number('RowsPerStrip', height);
  const tables = await numbers('JPEGTables');
  return {
    width,
    height,
    samples,
    bits: perSample(await numbers('BitsPerSample'), 1, samples),
    sampleFormats: perSample(await numbers('SampleFormat'), 1, samples),
    photometric: await number('PhotometricInterpretation', 1),
    planar: await number('PlanarConfiguration', 1),
    compression,
    predictor: PREDICTED.includes(compression) ? await number('Predictor', 1) : 1,
    tiled,
    blockWidth: tiled ? await number('TileWidth', 0) : width,
    blockHeight: tiled ? await number('TileLength', 0) : Math.min(rowsPerStrip, height),
    offsets: await numbers(tiled ? 'TileOffsets' : 'StripOffsets'),
    byteCounts: await numbers(tiled ? 'TileByteCounts' : 'StripByteCounts'),
    jpegTables: tables.length > 0 ? Uint8Array.from(tables) : null,
    ycbcrSubsampling: Array.from(await numbers('YCbCrSubSampling')),
    extraSamples: Array.from(await numbers('ExtraSamples')),
    colorMap: await numbers('ColorMap'),
    noData: (await text(directory, 'GDAL_NODATA')).replaceAll('\0', '').trim(),
    geoKeys: geoKeys(directory),
    gdalMetadata: await text(directory, 'GDAL_METADATA'),
  };
}

async function list(directory: ImageFileDirectory, tag: Tag): Promise<ArrayLike<number>> {
  const value: unknown = directory.hasTag(tag) ? await directory.loadValue(tag) : undefined;
  if (typeof value === 'number') return [value];
  return value !== null && typeof value === 'object' ? (value as ArrayLike<number>) : [];
}

async function text(directory: ImageFileDirectory, tag: Tag): Promise<string> {
  const value: unknown = directory.hasTag(tag) ? await directory.loadValue(tag) : '';
  return typeof value === 'string' ? value : '';
}

/** A broken key directory says nothing of the image's body; the pixels may still be good. */
function geoKeys(directory: ImageFileDirectory): Record<string, unknown> {
  try {
    return { ...directory.parseGeoKeyDirectory() };
  } catch {
    return {};
  }
}

function perSample(values: ArrayLike<number>, otherwise: number, samples: number): number[] {
  const stated = values.length > 0 ? Array.from(values) : [otherwise];
  return samples > stated.length && stated.length === 1 && samples <= 64
    ? new Array<number>(samples).fill(stated[0] ?? otherwise)
    : stated;
}

/** geotiff's own file source neither sees the end of the file nor bounds what it allocates. */
function asGeotiffSource(bytes: ByteSource, pages: Pages): Parameters<typeof GeoTIFF.fromSource>[0] {
  const fetchSlice = async ({ offset, length }: { offset: number; length: number }) => {
    if (length > MAX_VALUE_BYTES) throw new Error(`A directory value claims ${length} bytes.`);
    return { offset, length, data: (await pages.read(offset, length)).buffer };
  };
  return {
    fileSize: bytes.size,
    fetch: async (slices) => (await Promise.all(slices.map(fetchSlice))).map(({ data }) => data),
    fetchSlice,
    close: () => Promise.resolve(),
  };
}
