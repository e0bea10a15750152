import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MissingProductError, TransientError } from '../../domain/errors.js';
import type { Announced, IndexCounts } from '../archive-source.js';
import { indexPath } from '../archive-urls.js';
import { DATA_SET_IDS, type DataSet } from '../data-set.js';
import { createDownloadFolder } from '../fetch/download-folder.js';
import { NO_BUDGET } from '../fetch/disk-budget.js';
import type { DownloadArea } from '../fetch/download-area.js';
import { download } from '../fetch/download.js';
import type { HttpClient } from '../http/http-client.js';
import { firstOf } from '../http/mirrors.js';
import { readText, type TextAnswer } from '../http/read-text.js';
import type { IndexLayout } from './index-layout.js';
import type { KnownVolume } from './index-state.js';
import { readIndexTable } from './index-table.js';

export interface VolumeFilesOptions {
  readonly dataSet: DataSet;
  readonly client: HttpClient;
  /** INDEX.TAB (up to ~60 MB) is kept here while it is read. */
  readonly tempDir: string;
  /** Where a table that broke off is gone on with, be it by another process. Default: it begins anew. */
  readonly area?: DownloadArea | undefined;
}

/** A volume's label as it was found at one of the base addresses. */
export interface VolumeLabel {
  readonly volumeId: string;
  readonly base: string;
  readonly url: string;
  readonly answer: TextAnswer;
}

/**
 * The two files that tell what a volume holds: the label of its index, from the first base address that has it, and
 * the table that lies beside that.
 */
export class VolumeFiles {
  readonly #bases: readonly string[];
  readonly #options: VolumeFilesOptions;

  constructor(bases: readonly string[], options: VolumeFilesOptions) {
    this.#bases = bases;
    this.#options = options;
  }

  /** A volume's label; null when the volume is not there, or unchanged since `known`. */
  async label(
    volumeId: string,
    options: {
      signal?: AbortSignal | undefined;
      retries?: number | undefined;
      known?: KnownVolume['validators'] | undefined;
    },
  ): Promise<VolumeLabel | null> {
    const { client, dataSet } = this.#options;
    const { signal, retries, known } = options;
    const path = indexPath(DATA_SET_IDS[dataSet], volumeId, 'INDEX.LBL');
    try {
      const ask = async (base: string): Promise<VolumeLabel | null> => {
        const url = base + path;
        const answer = await readText(client, url, { signal, retries }, known?.[url]);
        return answer && { volumeId, base, url, answer };
      };
      return await firstOf(this.#bases, ask, true);
    } catch (error) {
      if (error instanceof MissingProductError) return null;
      throw error;
    }
  }

  /** Fetches the whole table before its first product: a table that fails its checksum gives none. */
  async *products(
    { volumeId, base }: VolumeLabel,
    layout: IndexLayout,
    counts: IndexCounts,
    signal?: AbortSignal,
  ): AsyncGenerator<Announced> {
    const { client, dataSet, tempDir, area } = this.#options;
    const url = base + indexPath(DATA_SET_IDS[dataSet], volumeId, 'INDEX.TAB');
    const dir = await createDownloadFolder(tempDir, 'index');
    try {
      const path = join(dir, 'INDEX.TAB');
      const bytes = layout.rows === null ? null : layout.rows * layout.recordBytes;
      await download(
        client,
        url,
        path,
        { bytes, md5: layout.md5 },
        {
          signal,
          area: area && { parts: area.parts, budget: NO_BUDGET },
        },
      );
      yield* readIndexTable(path, layout, counts, url);
    } catch (cause) {
      if (!(cause instanceof MissingProductError)) throw cause;
      const message = `${url} is not there yet though its label is; it is asked again later.`;
      throw new TransientError('index_incomplete', message, { cause });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }
}

/** What a label can be asked for by, so that it comes only where it has changed. */
export function validatorsOf({ url, answer }: VolumeLabel): KnownVolume['validators'] {
  return { [url]: answer.validator };
}
