import { open } from 'node:fs/promises';
import { GeoTIFF } from 'geotiff';

/** Most that one read may ask for: far above a strip of the largest DEM. */
const MAX_BYTES = 256 * 2 ** 20;

/**
 * Opens a GeoTIFF of this machine. What lies beyond the end of a file that is cut short is missing here, where
 * geotiff's own source has zeros, which would be heights.
 */
export async function openGeoTiff(path: string): Promise<{ tiff: GeoTIFF; close: () => Promise<void> }> {
  const file = await open(path);
  const fetchSlice = async ({ offset, length }: { offset: number; length: number }) => {
    if (length > MAX_BYTES) throw new Error(`A read of ${length} bytes is asked for.`);
    const buffer = new ArrayBuffer(length);
    const { bytesRead } = await file.read(new Uint8Array(buffer), 0, length, offset);
    return { offset, length: bytesRead, data: buffer.slice(0, bytesRead) };
  };
  try {
    const { size } = await file.stat();
    const tiff = await GeoTIFF.fromSource({
      fileSize: size,
      fetch: async (slices) => (await Promise.all(slices.map(fetchSlice))).map(({ data }) => data),
      fetchSlice,
      close: () => Promise.resolve(),
    });
    return { tiff, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}
