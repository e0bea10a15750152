import { DATA_SET_IDS } from '../archive/data-set.js';
import type { ArchiveRequest } from './archive-request.js';
import { formatBrowseLabel } from './browse-label.js';
import type { ImageStore } from './image-store.js';
import { dayOf } from './index-rows.js';
import { missionPhase } from './mission-phase.js';
import type { PlannedProduct } from './planned-product.js';
import type { Resource } from './resource.js';
import type { Volume } from './volume.js';

/** Finds the file of a released volume that a request is about; null when the archive has none. */
export async function archiveFile(
  { kind, dataSet, below, volumeId, productId }: ArchiveRequest,
  released: readonly Volume[],
  images: ImageStore,
): Promise<Resource | null> {
  const volume = released.find((each) => each.dataSet === dataSet && each.volumeId === volumeId);
  if (volume === undefined || kind === null) return null;
  if (kind === 'index-label')
    return inMemory(volume.label.body, volume.label.md5, 'text/plain', volume.released);
  if (kind === 'index-table')
    return inMemory(volume.table.body, volume.table.md5, 'text/plain', volume.released);
  const product = productId === null ? null : volume.plan.find(productId);
  if (product === null) return null;
  const file = below.slice(volume.volumeId.length + 1).replace(/\.(tif|IMG|xml)$/, '');
  if (file === browsePath(product)) return browseFile(kind, product, volume, images);
  if (file === imgPath(product)) return imgFile(kind, product, volume, images);
  return null;
}

/** Path of a product's browse image below its volume, without extension. */
export function browsePath({ productId, startTime }: PlannedProduct): string {
  return `EXTRAS/BROWSE/${dayOf(startTime)}/${productId}_pyr`;
}

/** Path of a product itself below its volume, without extension. */
export function imgPath({ productId, startTime }: PlannedProduct): string {
  return `DATA/${missionPhase(startTime).directory}/${dayOf(startTime)}/NAC/${productId}`;
}

async function browseFile(
  kind: ArchiveRequest['kind'],
  product: PlannedProduct,
  volume: Volume,
  images: ImageStore,
): Promise<Resource> {
  const image = await images.image(product);
  const made = volume.madeOn(product);
  if (kind === 'browse-image') {
    return {
      type: 'image/tiff',
      md5: image.md5,
      lastModified: made,
      bytes: image.bytes,
      content: image.path,
    };
  }
  const label = formatBrowseLabel({
    productId: product.productId,
    volumeId: volume.volumeId,
    bundle: DATA_SET_IDS[volume.dataSet].toLowerCase().replace('-v1.0', ''),
    bytes: image.bytes,
    md5: image.md5,
    created: made,
  });
  return inMemory(Buffer.from(label), `${image.md5}-label`, 'application/xml', made);
}

async function imgFile(
  kind: ArchiveRequest['kind'],
  product: PlannedProduct,
  volume: Volume,
  images: ImageStore,
): Promise<Resource | null> {
  const img = await images.img(product);
  if (img === null) return null;
  const made = volume.madeOn(product);
  if (kind === 'img-label') return inMemory(img.label, `${img.md5}-label`, 'application/xml', made);
  return {
    type: 'application/octet-stream',
    md5: img.md5,
    lastModified: made,
    bytes: img.bytes,
    content: img.path,
  };
}

function inMemory(content: Buffer, md5: string, type: string, lastModified: Date): Resource {
  return { type, md5, lastModified, bytes: content.length, content };
}
