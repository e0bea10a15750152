import { createHash } from 'node:crypto';
import { DATA_SET_IDS, type DataSet } from '../archive/data-set.js';
import { recordBytes } from '../archive/index/index-columns.js';
import { UsageError } from '../domain/errors.js';
import { nacRow, otherRow } from './index-rows.js';
import { formatRecord, type IndexRow } from './index-record.js';
import { formatIndexLabel } from './index-label.js';
import type { PlannedProduct, ProductOptions } from './planned-product.js';
import { VolumePlan } from './volume-plan.js';
import { releaseDay, volumeIdOf, type VolumePeriod } from './volume-period.js';

export interface IndexFile {
  readonly body: Buffer;
  /** Lower-case hex. */
  readonly md5: string;
}

interface IndexFiles {
  readonly table: IndexFile;
  readonly label: IndexFile;
}

/** Up to so many products stay planned. */
const KEPT_PLANNED = 1000;
/** Larger tables are made again when memory was needed for something else, bytes. */
const LARGE_TABLE = 4 * 2 ** 20;
const DAY_MS = 86_400_000;

/** The latest large table, of whichever volume, is kept: a table is read soon after its label. */
const latestLarge: { files: IndexFiles | null } = { files: null };

/**
 * One volume of the replica with its index files as they are served. The files are made when they are asked for,
 * and products of large volumes each time anew.
 */
export class Volume {
  readonly period: VolumePeriod;
  readonly dataSet: DataSet;
  readonly volumeId: string;
  readonly plan: VolumePlan;
  /** A set of rows of other kinds follows each so-manieth NAC row. */
  readonly #othersEvery: number;
  /** How often its index was made anew. */
  #revision = 0;
  #products: readonly PlannedProduct[] | null = null;
  #files: { deref(): IndexFiles | undefined } | null = null;
  #label: IndexFile | null = null;

  constructor(period: VolumePeriod, options: VolumeOptions) {
    this.period = period;
    this.dataSet = options.dataSet ?? 'cdr';
    this.volumeId = volumeIdOf(period, this.dataSet);
    this.plan = new VolumePlan(period, options);
    this.#othersEvery = options.othersEvery ?? 1;
  }

  /** Day of its release, or of the latest change of its index. */
  get released(): Date {
    return dayAfter(this.period, this.#revision);
  }

  /** Day on which the files of a product were made: that of the release, or later for each time anew. */
  madeOn({ revision }: PlannedProduct): Date {
    return dayAfter(this.period, revision);
  }

  /** Its NAC products in order of their times, late ones last. */
  get products(): readonly PlannedProduct[] {
    if (this.#products !== null) return this.#products;
    const products = [...this.plan];
    if (products.length <= KEPT_PLANNED) this.#products = products;
    return products;
  }

  get table(): IndexFile {
    return this.#index().table;
  }

  get label(): IndexFile {
    return this.#label ?? this.#index().label;
  }

  /**
   * Makes products anew, as a reprocessing does: their rows name another version, their files have other bytes.
   * @throws UsageError when it has no such product
   */
  reissue(productIds: readonly string[]): void {
    for (const id of productIds) {
      if (!this.plan.revise(id))
        throw new UsageError(`${this.volumeId} of the replica has no product ${id}.`);
    }
    this.#changed();
  }

  /** Adds products that were taken in the volume's time and come after its release; gives their ids. */
  addLate(count: number): string[] {
    const ids = Array.from({ length: count }, () => this.plan.addLate().productId);
    this.#changed();
    return ids;
  }

  #changed(): void {
    this.#revision++;
    this.#products = null;
    this.#files = null;
    this.#label = null;
  }

  #index(): IndexFiles {
    const live = this.#files?.deref();
    if (live !== undefined) return live;
    const files = this.#format();
    this.#label = files.label;
    if (files.table.body.length > LARGE_TABLE) {
      this.#files = new WeakRef(files);
      latestLarge.files = files;
    } else {
      this.#files = { deref: () => files };
    }
    return files;
  }

  #format(): IndexFiles {
    const { volumeId } = this;
    const records: { id: string; record: string }[] = [];
    const add = (row: IndexRow) => {
      records.push({ id: String(row.PRODUCT_ID), record: formatRecord(row, volumeId) });
    };
    let n = 0;
    for (const product of this.plan) {
      const row = nacRow(product, volumeId);
      add(row);
      if (n++ % this.#othersEvery === 0) strangers(row, product.startTime, this).forEach(add);
    }
    records.sort((a, b) => (a.id < b.id ? -1 : 1));
    const bytes = recordBytes(volumeId);
    const table = Buffer.alloc(records.length * bytes);
    records.forEach(({ record }, at) => table.write(record, at * bytes, 'latin1'));
    const dataSetId = DATA_SET_IDS[this.dataSet];
    const label = formatIndexLabel({ volumeId, dataSetId, table, created: this.released });
    return { table: file(table), label: file(Buffer.from(label, 'latin1')) };
  }
}

export interface VolumeOptions extends ProductOptions {
  /** Rows of other kinds (wide-angle, calibration, star, Earth) follow each so-manieth NAC row. Default 1. */
  readonly othersEvery?: number;
}

export function planVolume(period: VolumePeriod, options: VolumeOptions): Volume {
  return new Volume(period, options);
}

/** Rows for wide-angle, calibration, star and Earth images around a NAC row, within the same half hour. */
function strangers(row: IndexRow, time: Date, { volumeId, dataSet }: Volume): IndexRow[] {
  return (['M', 'C', 'S', 'E'] as const).map((kind, n) =>
    otherRow(row, kind, new Date(time.getTime() + (n + 1) * 60_000), volumeId, dataSet),
  );
}

function dayAfter(period: VolumePeriod, days: number): Date {
  return new Date(releaseDay(period).getTime() + days * DAY_MS);
}

function file(body: Buffer): IndexFile {
  return { body, md5: createHash('md5').update(body).digest('hex') };
}
