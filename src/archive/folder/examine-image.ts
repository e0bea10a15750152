import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidProductError, isUserFacing } from '../../domain/errors.js';
import type { IsdFacts } from '../../domain/isd-facts.js';
import type { Product } from '../../domain/product.js';
import type { Doubt } from '../archive-source.js';
import { faultOfRow, parseIndexRecord } from '../index/index-record.js';
import type { FoundImage, ImageFile } from './catalogue.js';
import { productOfIsd, productOfRow, type LinesAndSamples } from './folder-product.js';
import { imageIdentity, rowHashOf } from './image-identity.js';
import { readImageLabel, type ImageLabel } from './image-label.js';
import { preferredIsd } from './isd-beside.js';
import type { RowTables } from './row-tables.js';
import type { TableRow } from './row-table.js';
import { pathOf, reasonOf, type FileRef } from './walk-folder.js';

/** What examines images and camera models: it lies in rooms that this one does not know. */
export interface ImageEyes {
  /**
   * Size of an image whose file holds all of it, by its directory or label.
   * @throws InvalidProductError in one sentence when it is not whole, or no image
   */
  inspect(path: string): Promise<LinesAndSamples>;
  /**
   * Place and light by a camera model.
   * @param isd parsed JSON
   * @throws InvalidProductError in one sentence when it cannot be used
   */
  isdFacts(isd: unknown, size: LinesAndSamples): IsdFacts;
}

/** What became of an image: a product, or why it is none. */
export type Examined =
  | { readonly kind: 'product'; readonly product: Product; readonly doubt: Doubt | null }
  | {
      readonly kind: 'invalid';
      /** One of a few, to count by. */
      readonly reason: string;
      /** One sentence that names the file and the remedy. */
      readonly sentence: string;
      /** Whether it may become a product without any of its files changing in size or time. */
      readonly lookAgain: boolean;
    };

export const REASONS = {
  notWhole: 'not a whole image',
  noGeometry: 'no geometry: put an INDEX row or an ISD beside it',
  unusableRow: 'unusable INDEX row',
  unusableIsd: 'unusable ISD',
  unreadable: 'unreadable',
} as const;

/** A row's facts, or why it has none; null where there is no row. */
type RowFound = {
  readonly row: TableRow;
  readonly product: Product | null;
  readonly doubt: Doubt | null;
  readonly why: string;
} | null;

/**
 * Makes a product of an image in a folder. An INDEX row gives its facts, or else its camera model; where both are
 * there the camera model serves as ground model when it is scanned.
 * @param root real path
 */
export async function examineImage(
  root: string,
  image: FoundImage,
  tables: RowTables,
  eyes: ImageEyes,
): Promise<Examined> {
  try {
    const whole = await firstWhole(root, image.files, eyes);
    if (typeof whole === 'string') return invalid(REASONS.notWhole, whole, true);
    const { file, label, size } = whole;
    const found = await findRow(root, file, image.tables, tables);
    const isd = preferredIsd(image.isds.filter(({ dir }) => dir === file.dir));
    const model = isd === null ? null : await readFile(join(root, pathOf(isd)));
    const geometry = [found?.row.record, model].filter((part) => part != null);
    const identity = await imageIdentity(join(root, pathOf(file)), file);
    const rowHash = rowHashOf(geometry, identity);
    if (found?.product != null)
      return {
        kind: 'product',
        product: productOfRow(file, found.product, rowHash),
        doubt: found.doubt,
      };
    if (isd !== null && model !== null)
      return {
        kind: 'product',
        product: byIsd(file, isd, model, { label, size, rowHash, eyes }),
        doubt: null,
      };
    const name = pathOf(file);
    if (found !== null)
      return invalid(
        REASONS.unusableRow,
        `The INDEX row of ${name} cannot be relied on (${found.why}); put an ISD beside the image.`,
      );
    return invalid(
      REASONS.noGeometry,
      `${name} has no geometry; put its INDEX row (${file.productId}.TAB) or its ISD (${file.productId}_isd.json) beside it.`,
    );
  } catch (error) {
    if (error instanceof InvalidProductError) return invalid(REASONS.unusableIsd, error.message);
    const isSystem = error instanceof Error && 'syscall' in error;
    if (!isSystem) throw error;
    const sentence = `A file of ${image.imageId} cannot be read (${reasonOf(error)}); it is looked at again later.`;
    return invalid(REASONS.unreadable, sentence, true);
  }
}

interface WholeImage {
  readonly file: ImageFile;
  readonly label: ImageLabel;
  readonly size: LinesAndSamples;
}

/** The first file that holds a whole image, or why the preferred one does not. */
async function firstWhole(
  root: string,
  files: readonly ImageFile[],
  eyes: ImageEyes,
): Promise<WholeImage | string> {
  let why: string | null = null;
  for (const file of files) {
    const path = join(root, pathOf(file));
    const label = await readImageLabel(path);
    if (label.bytes !== null && label.bytes !== file.size) {
      why ??= `${pathOf(file)} holds ${file.size} bytes where its label says ${label.bytes}; it is looked at again later.`;
      continue;
    }
    try {
      return { file, label, size: await eyes.inspect(path) };
    } catch (error) {
      if (!isUserFacing(error)) throw error;
      why ??= error.message;
    }
  }
  return why ?? 'There is no image.';
}

async function findRow(
  root: string,
  { productId }: ImageFile,
  files: readonly FileRef[],
  tables: RowTables,
): Promise<RowFound> {
  const row = await tables.find(root, productId, files);
  if (row === null) return null;
  const parsed = parseIndexRecord(row.record, row.columns);
  const why = faultOfRow(parsed);
  if (parsed.kind === 'product' && why === null)
    return { row, product: parsed.product, doubt: parsed.doubt, why: '' };
  return { row, product: null, doubt: null, why: why ?? '' };
}

function byIsd(
  file: ImageFile,
  isd: FileRef,
  model: Buffer,
  { label, size, rowHash, eyes }: Omit<WholeImage, 'file'> & { rowHash: string; eyes: ImageEyes },
): Product {
  const named = (why: string, cause: unknown) =>
    new InvalidProductError('isd', `${pathOf(isd)}: ${why}`, { cause });
  let json: unknown;
  try {
    json = JSON.parse(model.toString('utf8'));
  } catch (cause) {
    throw named('the camera model (ISD) is not valid JSON; put the one that ALE wrote there.', cause);
  }
  try {
    return productOfIsd(file, size, label, eyes.isdFacts(json, size), rowHash);
  } catch (cause) {
    throw cause instanceof InvalidProductError ? named(cause.message, cause) : cause;
  }
}

function invalid(reason: string, sentence: string, lookAgain = false): Examined {
  return { kind: 'invalid', reason, sentence, lookAgain };
}
