import { basename } from 'node:path';
import { browsePath, indexPath } from '../../archive/archive-urls.js';
import { parseContentRange } from '../../archive/http/content-range.js';
import { DATA_SET_IDS } from '../../archive/data-set.js';
import type { HttpClient } from '../../archive/http/http-client.js';
import { parseIndexLabel, type IndexLayout } from '../../archive/index/index-layout.js';
import { parseIndexRecord } from '../../archive/index/index-record.js';
import { previousVolume, volumeOf } from '../../archive/index/volume-calendar.js';
import type { Config } from '../../config/schema.js';
import type { ByteSource } from '../../domain/bytes.js';
import type { Clock } from '../../domain/clock.js';
import { MissingProductError, OperationalError } from '../../domain/errors.js';
import type { Product } from '../../domain/product.js';
import type { Asker, Heard } from './asker.js';

/** Volumes asked for the newest one. */
const MOST_BACK = 9;
const LABEL_BYTES = 1 << 20;
/** Records read at one place of a table, among which there is a NAC image of the Moon: about 18 kB. */
const RECORDS = 20;

export interface NewestVolume {
  readonly volumeId: string;
  readonly label: Heard;
  /** Later volumes of the calendar, and how they were answered. */
  readonly absent: readonly { readonly volumeId: string; readonly status: number }[];
}

/** What several questions rest on, asked once and only when it is needed. */
export class ArchiveFacts {
  readonly config: Config;
  readonly clock: Clock;
  readonly asker: Asker;
  readonly client: HttpClient;
  readonly base: string;
  readonly #known = new Map<string, Promise<unknown>>();

  /** @param base address of the archive, ending in a slash */
  constructor(config: Config, base: string, tools: { clock: Clock; asker: Asker; client: HttpClient }) {
    this.config = config;
    this.base = base;
    this.clock = tools.clock;
    this.asker = tools.asker;
    this.client = tools.client;
  }

  get dataSetId(): string {
    return DATA_SET_IDS[this.config.archive.dataset];
  }

  /** The newest volume by the calendar. @throws OperationalError when there is none */
  newest(): Promise<NewestVolume> {
    return this.#once('newest', async () => {
      const { dataset } = this.config.archive;
      const absent: { volumeId: string; status: number }[] = [];
      let volumeId: string | null = volumeOf(this.clock.now(), dataset);
      for (let n = 0; n < MOST_BACK && volumeId !== null; n++) {
        const url = this.base + indexPath(this.dataSetId, volumeId, 'INDEX.LBL');
        const label = await this.asker.ask(url, { maxBytes: LABEL_BYTES });
        if (label.status === 200) return { volumeId, label, absent };
        absent.push({ volumeId, status: label.status });
        volumeId = previousVolume(volumeId, dataset);
      }
      const asked = absent.map(({ volumeId: id, status }) => `${id} HTTP ${status}`).join(', ');
      throw new OperationalError(
        'archive_empty',
        `none of the ${MOST_BACK} latest volumes is there (${asked})`,
      );
    });
  }

  /** @throws OperationalError when the newest volume's label is none */
  layout(): Promise<IndexLayout> {
    return this.#once('layout', async () => {
      const { label } = await this.newest();
      return parseIndexLabel(label.body.toString('latin1'), label.url);
    });
  }

  /** Records of the newest volume's table from a share of its length on, by one range. */
  async records(share: number): Promise<{ readonly heard: Heard; readonly records: readonly Buffer[] }> {
    const { volumeId } = await this.newest();
    const { recordBytes, rows } = await this.layout();
    return this.#once(`records ${share}`, async () => {
      const first = Math.floor(Math.max(0, (rows ?? RECORDS) - RECORDS) * share) * recordBytes;
      const url = this.base + indexPath(this.dataSetId, volumeId, 'INDEX.TAB');
      const length = RECORDS * recordBytes;
      const heard = await this.asker.ask(url, {
        headers: { Range: `bytes=${first}-${first + length - 1}` },
        maxBytes: length,
      });
      const { body } = heard;
      const count = heard.status === 206 ? Math.floor(body.length / recordBytes) : 0;
      const records = Array.from({ length: count }, (_, n) =>
        body.subarray(n * recordBytes, (n + 1) * recordBytes),
      );
      return { heard, records };
    });
  }

  /**
   * NAC images of the Moon from several places of the newest table; it is sorted by id, so that at some there are
   * none. @throws OperationalError for none at all
   */
  samples(): Promise<readonly [Product, ...Product[]]> {
    return this.#once('samples', async () => {
      const { columns } = await this.layout();
      const products: Product[] = [];
      for (const share of SAMPLED) {
        const rows = (await this.records(share)).records.map((record) => parseIndexRecord(record, columns));
        const found = rows.find((row) => row.kind === 'product' && row.doubt?.skips !== true);
        if (found?.kind === 'product') products.push(found.product);
      }
      const [first, ...others] = products;
      if (first !== undefined) return [first, ...others];
      throw new OperationalError(
        'no_product',
        `no usable row of a NAC image was found at ${SAMPLED.length} places of the table`,
      );
    });
  }

  /** Address of an image's browse files, without extension. */
  browseAddress(product: Product): string {
    return this.base + browsePath(product);
  }

  /** The image of a sampled product, by ranges; the first one that is there. */
  picture(): Promise<{ readonly product: Product; readonly bytes: ByteSource }> {
    return this.#once('picture', async () => {
      for (const product of await this.samples()) {
        if ((await this.probe(product)).status !== 206) continue;
        const url = `${this.browseAddress(product)}.tif`;
        return { product, bytes: await rangedBytes(this.asker, url) };
      }
      throw new MissingProductError('none of the sampled images has a pyramidal TIFF there');
    });
  }

  /** The first bytes of a product's pyramidal TIFF. */
  probe(product: Product): Promise<Heard> {
    const url = `${this.browseAddress(product)}.tif`;
    return this.#once(url, () => this.asker.ask(url, { headers: { Range: 'bytes=0-7' } }));
  }

  /** An answer that several questions need; also a failure is the same for all of them. */
  #once<T>(name: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#known.get(name) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const asked = ask();
    this.#known.set(name, asked);
    return asked;
  }
}

/** Places in the newest table where products are sampled, as shares of its length. */
const SAMPLED = [0.5, 0.1, 0.3, 0.7, 0.9] as const;

/** Unit of what is read of an image: its directories and a few tiles. */
const BLOCK_BYTES = 64 * 1024;

/** A remote file by single small ranges, each counted; blocks that were read stay. */
async function rangedBytes(asker: Asker, url: string): Promise<ByteSource> {
  const blocks = new Map<number, Buffer>();
  let size = Infinity;
  const block = async (n: number): Promise<Buffer> => {
    const known = blocks.get(n);
    if (known !== undefined) return known;
    const first = n * BLOCK_BYTES;
    const last = Math.min(first + BLOCK_BYTES, size) - 1;
    const heard = await asker.ask(url, {
      headers: { Range: `bytes=${first}-${last}` },
      maxBytes: BLOCK_BYTES,
    });
    const range = parseContentRange(heard.headers.get('content-range'));
    if (heard.status !== 206 || range?.first !== first || range.total === null)
      throw new OperationalError(
        'no_ranges',
        `${url} answered HTTP ${heard.status} to a range of ${BLOCK_BYTES} bytes`,
      );
    size = range.total;
    blocks.set(n, heard.body);
    return heard.body;
  };
  await block(0);
  return {
    name: basename(new URL(url).pathname),
    path: url,
    size,
    async read(offset, length) {
      const end = Math.min(offset + length, size);
      const out = new Uint8Array(Math.max(0, end - offset));
      for (let at = offset; at < end;) {
        const n = Math.floor(at / BLOCK_BYTES);
        const within = at - n * BLOCK_BYTES;
        const part = (await block(n)).subarray(within, within + end - at);
        if (part.length === 0) throw new OperationalError('short', `${url} sent less than it said`);
        out.set(part, at - offset);
        at += part.length;
      }
      return out;
    },
    close: () => Promise.resolve(),
  };
}
