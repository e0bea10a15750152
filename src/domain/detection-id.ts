import { createHash } from 'node:crypto';

/** Namespace of detection ids. It never changes: ids in every database derive from it. */
const NAMESPACE = Buffer.from('6f1c1d0e5b3a4c7f9d2e8a4b7c60f3d1', 'hex');

/**
 * UUIDv5 (RFC 4122, section 4.3) of image, model and peak tile, so that a re-scan gives an object the same id.
 *
 * @param tileX upper-left pixel of the best tile.
 */
export function detectionId(imageId: string, modelId: string, tileX: number, tileY: number): string {
  const bytes = createHash('sha1')
    .update(NAMESPACE)
    .update(`${imageId}/${modelId}/${tileX},${tileY}`)
    .digest();
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
