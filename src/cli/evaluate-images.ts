import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UsageError } from '../domain/errors.js';
import type { Label } from '../evaluation/labels.js';
import { idInName } from './scan-target.js';

/** An image file with the labels that lie in it; none means that it is plain. */
export interface LabelledImage {
  readonly file: string;
  /** Product or image id that the name carries, else the name. */
  readonly name: string;
  readonly labels: readonly Label[];
}

const IMAGE_FILE = /\.(png|tiff?|ptif|img)$/i;

/**
 * Finds the image of each label in a folder, by the product id in its file's name or by that name itself with
 * or without its extension. The two data sets of one frame are one image: `M…LC` labels `M…LE` as well.
 * @param given how the command is told the folder, for what is said of a wrong one
 * @throws UsageError when the folder holds no images, or a labelled image is missing or there twice
 */
export async function labelledImages(
  folder: string,
  labels: readonly Label[],
  given: 'by --images' | 'after the model',
): Promise<LabelledImage[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new UsageError(`${folder}: the folder of images cannot be read; give it ${given}.`, { cause });
  });
  const files = names.filter((name) => IMAGE_FILE.test(name)).sort();
  if (files.length === 0)
    throw new UsageError(`${folder} holds no PNG, TIFF or .IMG images; give their folder ${given}.`);
  const byFile = new Map(files.map((file): [string, Label[]] => [file, []]));
  for (const label of labels) {
    const matches = files.filter((file) => isImageOf(file, label.productId));
    const [file] = matches;
    if (file === undefined)
      throw new UsageError(
        `${folder} holds no image of ${label.productId}; put it there, or give another folder ${given}.`,
      );
    if (matches.length > 1)
      throw new UsageError(
        `${folder} holds ${matches.length} images of ${label.productId} (${matches.join(', ')}); leave one, or label it by its file name.`,
      );
    byFile.get(file)!.push(label);
  }
  return [...byFile].map(([file, own]) => ({
    file: join(folder, file),
    name: idInName(file) ?? file,
    labels: own,
  }));
}

function isImageOf(file: string, id: string): boolean {
  if (file === id || basename(file).replace(IMAGE_FILE, '') === id) return true;
  const own = idInName(file);
  return own !== null && withoutDataSet(own) === withoutDataSet(id.toUpperCase());
}

function withoutDataSet(id: string): string {
  return id.replace(/(?<=\d[LR])[EC]$/, '');
}
