import { formatBrowseLabel } from './browse-label.js';
import type { ImageStore } from './image-store.js';
import { DATA_SET_ID, dayOf } from './index-rows.js';
import type { Resource } from './send-resource.js';
import type { Volume } from './volume.js';

/**
 * Finds the file of a released volume by its path below the data set, such as
 * `LROLRC_1068B/INDEX/INDEX.LBL`; null when the archive has none.
 */
export async function archiveFile(
  path: string,
  released: readonly Volume[],
  images: ImageStore,
): Promise<Resource | null> {
  const [volumeId = '', ...rest] = path.split('/');
  const volume = released.find(({ period }) => period.volumeId === volumeId);
  if (volume === undefined) return null;
  const file = rest.join('/');
  if (file === 'INDEX/INDEX.LBL') return inMemory(volume.label.body, volume.label.md5, 'text/plain', volume);
  if (file === 'INDEX/INDEX.TAB') return inMemory(volume.table.body, volume.table.md5, 'text/plain', volume);
  const [, day, productId, extension] = /^EXTRAS\/BROWSE\/(\d{7})\/(\w+)_pyr\.(tif|xml)$/.exec(file) ?? [];
  const product = volume.products.find((each) => each.productId === productId);
  if (product === undefined || dayOf(product.startTime) !== day) return null;
  const image = await images.image(product);
  if (extension === 'tif') {
    return {
      type: 'image/tiff',
      md5: image.md5,
      lastModified: volume.released,
      bytes: image.bytes,
      content: image.path,
    };
  }
  const label = formatBrowseLabel({
    productId: product.productId,
    volumeId,
    bundle: DATA_SET_ID.toLowerCase().replace('-v1.0', ''),
    bytes: image.bytes,
    md5: image.md5,
    created: volume.released,
  });
  return inMemory(Buffer.from(label), `${image.md5}-label`, 'application/xml', volume);
}

function inMemory(content: Buffer, md5: string, type: string, volume: Volume): Resource {
  return { type, md5, lastModified: volume.released, bytes: content.length, content };
}
