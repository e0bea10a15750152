import { InvalidProductError, MissingProductError, OperationalError } from '../../domain/errors.js';
import type { Product } from '../../domain/product.js';
import { indexPath } from '../archive-urls.js';
import { assertNotPage } from '../http/content-check.js';
import { DATA_SET_IDS, type DataSet } from '../data-set.js';
import { findRecord, streamToRecord } from './find-record.js';
import type { HttpClient } from '../http/http-client.js';
import { parseIndexLabel, type IndexLayout } from './index-layout.js';
import { faultOfRow, parseIndexRecord } from './index-record.js';
import { firstOf } from '../http/mirrors.js';
import { timeOfId } from './product-time.js';
import { readText } from '../http/read-text.js';
import { openRemoteBytes } from '../http/remote-bytes.js';
import { isInCalendar, nextVolume, previousVolume, volumeOf } from './volume-calendar.js';

/** Read at once from a table of up to 54 MB: seven requests, where single records would take sixteen. */
const BLOCK_BYTES = 512 * 1024;

/**
 * Finds a product's index row in the archive: its number tells when it was taken, the calendar of volumes in
 * which one it lies or else its neighbours, and the row is found by bisection where the server gives ranges.
 * @param bases base addresses, each ending in a slash
 * @param productId a NAC product id; its last letter tells the data set
 * @throws MissingProductError when no such volume is there, or none has the row
 * @throws InvalidProductError when the row lacks what places an image
 * @throws TransientError | OperationalError
 */
export async function findProduct(
  client: HttpClient,
  bases: readonly string[],
  productId: string,
  signal?: AbortSignal,
): Promise<Product> {
  const dataSet: DataSet = productId.endsWith('E') ? 'edr' : 'cdr';
  const time = timeOfId(productId);
  if (!isInCalendar(time))
    throw new MissingProductError(
      `${productId} would be of the year ${time.getUTCFullYear()}, of which the archive has no volume; check the id.`,
    );
  const volumes = volumesOf(time, dataSet);
  const there: string[] = [];
  for (const volumeId of volumes) {
    try {
      const ask = (base: string) => rowAt(client, base, DATA_SET_IDS[dataSet], volumeId, productId, signal);
      const product = await firstOf(bases, ask, true);
      if (product !== null) return product;
      there.push(volumeId);
    } catch (error) {
      if (!(error instanceof MissingProductError)) throw error;
    }
  }
  throw notFound(productId, volumes, there, bases);
}

/** The volume that should hold an image, then those before and after it. */
function volumesOf(time: Date, dataSet: DataSet): string[] {
  const volumeId = volumeOf(time, dataSet);
  const before = previousVolume(volumeId, dataSet);
  return [volumeId, ...(before === null ? [] : [before]), nextVolume(volumeId, dataSet)];
}

function notFound(
  productId: string,
  volumes: readonly string[],
  there: readonly string[],
  bases: readonly string[],
): MissingProductError {
  const day = timeOfId(productId).toISOString().slice(0, 10);
  const [predicted = '', ...neighbours] = volumes;
  const where = bases.join(', ');
  if (there.length === 0)
    return new MissingProductError(
      `${productId} is of ${day}, but neither volume ${predicted} nor its neighbours ${neighbours.join(', ')} are at ${where}; check the id and archive.urls, or wait for the volume's release.`,
    );
  const missing = there.includes(predicted) ? '' : `, and its own volume ${predicted} is not there`;
  return new MissingProductError(
    `${productId} of ${day} has no row in the index of ${there.join(', ')} at ${where}${missing}; check the id.`,
  );
}

/** A product's row in one volume at one base address; null when the volume has none. */
async function rowAt(
  client: HttpClient,
  base: string,
  dataSetId: string,
  volumeId: string,
  productId: string,
  signal: AbortSignal | undefined,
): Promise<Product | null> {
  const labelUrl = base + indexPath(dataSetId, volumeId, 'INDEX.LBL');
  const label = await readText(client, labelUrl, { signal });
  const layout = parseIndexLabel(label?.text ?? '', labelUrl);
  const url = base + indexPath(dataSetId, volumeId, 'INDEX.TAB');
  const record = await recordAt(client, url, layout, productId, signal);
  if (record === null) return null;
  const row = parseIndexRecord(record, layout.columns);
  const fault = faultOfRow(row);
  if (row.kind === 'product' && fault === null) return row.product;
  throw new InvalidProductError(
    'index_row',
    `The row of ${productId} in ${url} cannot place an image (${fault}); scan its file with --corners or --isd instead.`,
  );
}

async function recordAt(
  client: HttpClient,
  url: string,
  layout: IndexLayout,
  productId: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | null> {
  try {
    const table = await openRemoteBytes(client, url, { signal, blockBytes: BLOCK_BYTES, readAhead: 1 });
    return await findRecord(table, layout, productId);
  } catch (error) {
    if (!(error instanceof OperationalError && error.code === 'no_ranges')) throw error;
    return client.get(
      url,
      (answer) => {
        assertNotPage(answer.headers.get('content-type'), new Uint8Array(), url);
        return streamToRecord(answer.body, layout, productId, url);
      },
      { signal },
    );
  }
}
