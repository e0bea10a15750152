import type { Bounds } from '../layer.js';
import { MOON_SRID } from '../moon-crs.js';

/** Flags: little-endian header, and whether an envelope of x and y follows it. */
const LITTLE_ENDIAN = 0b0000_0001;
const ENVELOPE_XY = 0b0000_0010;

/** Of a point GDAL needs no envelope. */
const POINT_BYTES = 21;

/** WKB with the header of a GeoPackage: 'GP', version, flags, SRS and for all but points an envelope. */
export function geometryBlob(wkb: Uint8Array, bounds: Bounds): Buffer {
  const enveloped = wkb.length > POINT_BYTES;
  const header = enveloped ? 40 : 8;
  const blob = Buffer.allocUnsafe(header + wkb.length);
  blob.writeUInt16BE(0x4750, 0);
  blob.writeUInt8(0, 2);
  blob.writeUInt8(enveloped ? LITTLE_ENDIAN | ENVELOPE_XY : LITTLE_ENDIAN, 3);
  blob.writeInt32LE(MOON_SRID, 4);
  if (enveloped) {
    const [west, south, east, north] = bounds;
    blob.writeDoubleLE(west, 8);
    blob.writeDoubleLE(east, 16);
    blob.writeDoubleLE(south, 24);
    blob.writeDoubleLE(north, 32);
  }
  blob.set(wkb, header);
  return blob;
}
