import type { ByteSource } from '../domain/bytes.js';
import { extent, type BlockArea } from './block-image.js';
import { undecodable } from './faults.js';
import { greyOf } from './libvips.js';
import { mapBytes } from './map-bytes.js';
import { SpareBytes } from './spare-bytes.js';
import { decodeBlocks } from './tiff-blocks.js';
import { PALETTE } from './tiff-check.js';
import type { TiffDirectory } from './tiff-directory.js';
import { isPlanar, planesOf } from './tiff-planes.js';

/** @param into pixels that may be written over, as many as the area has */
export type DecodeGrey = (area: BlockArea, into?: Uint8Array) => Promise<Uint8Array>;

/**
 * How an image of 8-bit samples becomes grey: bands of a pixel together or apart, colours by a palette. Colour
 * is made grey as libvips does it, so that equal red, green and blue keep their value.
 *
 * @param careful see `decodeBlocks`
 */
export function greyDecoder(bytes: ByteSource, d: TiffDirectory, careful = false): DecodeGrey {
  const spare = new SpareBytes();
  if (d.photometric === PALETTE) return byPalette(bytes, d, spare);
  if (isPlanar(d)) return byPlanes(bytes, d, spare, careful);
  return (area, into) => decodeBlocks(bytes, d, area, spare, into, careful);
}

function byPlanes(bytes: ByteSource, d: TiffDirectory, spare: SpareBytes, careful: boolean): DecodeGrey {
  const planes = planesOf(d).slice(0, d.samples >= 3 ? 3 : 1);
  return async (area) => {
    const decoded: Uint8Array[] = [];
    for (const plane of planes)
      decoded.push(await decodeBlocks(bytes, plane, area, spare, undefined, careful));
    return decoded.length === 1 ? decoded[0]! : greyOf(decoded, extent(d, area).width);
  };
}

function byPalette(bytes: ByteSource, d: TiffDirectory, spare: SpareBytes): DecodeGrey {
  const indices = { ...d, photometric: 1 };
  const colours = d.colorMap.length / 3;
  const channels = [0, 1, 2].map((c) =>
    Uint8Array.from({ length: colours }, (_, i) => Math.round((d.colorMap[c * colours + i] ?? 0) / 257)),
  );
  let levels: Promise<Uint8Array> | null = null;
  return async (area) => {
    const table = await (levels ??= greyOf(channels, colours));
    const pixels = await decodeBlocks(bytes, indices, area, spare);
    // By the standard a palette of 8-bit indices has all 256.
    if (colours < 256 && pixels.some((index) => index >= colours)) {
      throw undecodable(bytes.name, 'it uses a colour that its palette lacks');
    }
    await mapBytes(pixels, table);
    return pixels;
  };
}
