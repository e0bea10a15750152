import { createHash } from 'node:crypto';
import { DATA_SET_ID, nacRow, otherRow } from './index-rows.js';
import { formatRecord, type IndexRow } from './index-record.js';
import { formatIndexLabel } from './index-label.js';
import { planProducts, type PlannedProduct, type ProductOptions } from './planned-product.js';
import { releaseDay, type VolumePeriod } from './volume-period.js';

/** One volume of the replica with its index files as they are served. */
export interface Volume {
  readonly period: VolumePeriod;
  readonly released: Date;
  readonly products: readonly PlannedProduct[];
  readonly table: IndexFile;
  readonly label: IndexFile;
}

export interface IndexFile {
  readonly body: Buffer;
  /** Lower-case hex. */
  readonly md5: string;
}

export function planVolume(period: VolumePeriod, options: ProductOptions): Volume {
  const { volumeId } = period;
  const products = planProducts(period, options);
  const rows = products.flatMap((product) => {
    const row = nacRow(product, volumeId);
    return [row, ...strangers(row, product.startTime, volumeId)];
  });
  rows.sort((a, b) => (a.PRODUCT_ID < b.PRODUCT_ID ? -1 : 1));
  const table = Buffer.from(rows.map((row) => formatRecord(row, volumeId)).join(''), 'latin1');
  const released = releaseDay(period);
  const label = formatIndexLabel({ volumeId, dataSetId: DATA_SET_ID, table, created: released });
  return { period, released, products, table: file(table), label: file(Buffer.from(label, 'latin1')) };
}

/** Rows for wide-angle, calibration, star and Earth images around a NAC row, within the same half hour. */
function strangers(row: IndexRow, time: Date, volumeId: string): IndexRow[] {
  return (['M', 'C', 'S', 'E'] as const).map((kind, n) =>
    otherRow(row, kind, new Date(time.getTime() + (n + 1) * 60_000), volumeId),
  );
}

function file(body: Buffer): IndexFile {
  return { body, md5: createHash('md5').update(body).digest('hex') };
}
