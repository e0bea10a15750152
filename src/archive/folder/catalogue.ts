import { createHash } from 'node:crypto';
import { imageIdOf } from '../../domain/image-id.js';
import type { DataSet } from '../data-set.js';
import { isOtherImage, readFileName, type ImageForm } from './file-name.js';
import { pathOf, walkFolder, type FileRef } from './walk-folder.js';

/** One file of an image. */
export interface ImageFile extends FileRef {
  readonly productId: string;
  readonly form: ImageForm;
}

/** All that lies in a folder for one image. */
export interface FoundImage {
  readonly imageId: string;
  /** Its files in all forms, the preferred one first. */
  readonly files: readonly ImageFile[];
  /** Camera models with its id in their names, in the folders of its files. */
  readonly isds: readonly FileRef[];
  /**
   * Tables that may hold its row, the nearest first: named by its id, in its folder, in a folder above, and the
   * INDEX/INDEX.TAB of a volume above.
   */
  readonly tables: readonly FileRef[];
}

/** Which of several files of one image is taken. */
export interface Preference {
  readonly dataSet: DataSet;
  readonly image: 'ptif' | 'img';
}

interface Collected {
  readonly files: ImageFile[];
  readonly isds: FileRef[];
  readonly tables: FileRef[];
}

const FORMS: Readonly<Record<Preference['image'], readonly ImageForm[]>> = {
  ptif: ['pyr', 'tiff', 'img'],
  img: ['img', 'pyr', 'tiff'],
};

const INDEX_TABLE = /^INDEX\.TAB$/i;

/** What lies in a folder, image by image. Takes some 500 bytes for an image. */
export class Catalogue {
  /** Images that are none of a NAC by their names. */
  otherImages = 0;
  readonly unreadable: string[] = [];
  readonly #images = new Map<string, Collected>();
  /** Tables that are not named by an image, by folder. */
  readonly #tables = new Map<string, FileRef[]>();
  /** Folders named INDEX by the folder that they are in. */
  readonly #indexFolders = new Map<string, string>();
  readonly #preference: Preference;

  constructor(preference: Preference) {
    this.#preference = preference;
  }

  /**
   * @param root real path
   * @throws TransientError when the folder cannot be read
   */
  static async read(root: string, preference: Preference, signal?: AbortSignal): Promise<Catalogue> {
    const catalogue = new Catalogue(preference);
    const wanted = (name: string) => readFileName(name) !== null;
    const onUnreadable = (dir: string) => void catalogue.unreadable.push(dir);
    for await (const { dir, files, others } of walkFolder(root, wanted, onUnreadable, signal)) {
      for (const file of files) catalogue.#add(file);
      catalogue.otherImages += others.filter(isOtherImage).length;
      const at = dir.lastIndexOf('/');
      if (/^INDEX$/i.test(dir.slice(at + 1))) catalogue.#indexFolders.set(dir.slice(0, Math.max(at, 0)), dir);
    }
    for (const [imageId, { files }] of catalogue.#images)
      if (files.length === 0) catalogue.#images.delete(imageId);
    return catalogue;
  }

  get size(): number {
    return this.#images.size;
  }

  /** In the order in which they were found, which is that of their folders. */
  *images(): Generator<FoundImage> {
    for (const imageId of this.#images.keys()) {
      const image = this.image(imageId);
      if (image !== null) yield image;
    }
  }

  image(imageId: string): FoundImage | null {
    const collected = this.#images.get(imageId);
    if (collected === undefined) return null;
    const files = [...collected.files].sort((a, b) => this.#rank(a) - this.#rank(b));
    const dirs = [...new Set(files.map(({ dir }) => dir))];
    const beside = ({ dir }: FileRef) => dirs.includes(dir);
    return {
      imageId,
      files,
      isds: collected.isds.filter(beside),
      tables: [...collected.tables.filter(beside), ...this.#tablesAbove(dirs)],
    };
  }

  /** Changes when anything does that an image's announcement rests on. */
  fingerprint({ imageId, files, isds, tables }: FoundImage): Buffer {
    const { dataSet, image } = this.#preference;
    const hash = createHash('sha256').update(`${imageId} ${dataSet} ${image}`);
    for (const file of [...files, ...isds, ...tables])
      hash.update(`\n${pathOf(file)} ${file.size} ${file.mtimeMs} ${file.ctimeMs}`);
    return hash.digest();
  }

  #add(file: FileRef): void {
    const named = readFileName(file.name);
    if (named === null) return;
    if (named.kind === 'image') {
      const { productId, form } = named;
      this.#of(imageIdOf(productId)).files.push({ ...file, productId, form });
    } else if (named.kind === 'isd') {
      this.#of(named.imageId).isds.push(file);
    } else if (named.imageId !== null) {
      this.#of(named.imageId).tables.push(file);
    } else {
      const beside = this.#tables.get(file.dir);
      if (beside === undefined) this.#tables.set(file.dir, [file]);
      else beside.push(file);
    }
  }

  #of(imageId: string): Collected {
    const known = this.#images.get(imageId) ?? { files: [], isds: [], tables: [] };
    this.#images.set(imageId, known);
    return known;
  }

  #rank({ productId, form }: ImageFile): number {
    const { dataSet, image } = this.#preference;
    const isOther = productId.endsWith(dataSet === 'cdr' ? 'C' : 'E') ? 0 : 1;
    return isOther * 10 + FORMS[image].indexOf(form);
  }

  #tablesAbove(dirs: readonly string[]): FileRef[] {
    const found = new Set<FileRef>();
    for (const dir of dirs)
      for (const above of upwards(dir)) {
        for (const table of this.#tables.get(above) ?? []) found.add(table);
        const index = this.#indexFolders.get(above);
        for (const table of (index === undefined ? null : this.#tables.get(index)) ?? [])
          if (INDEX_TABLE.test(table.name)) found.add(table);
      }
    return [...found];
  }
}

/** A folder, the one it is in, and so on to the root, which is ''. */
function* upwards(dir: string): Generator<string> {
  for (let at = dir; at !== ''; at = at.slice(0, Math.max(at.lastIndexOf('/'), 0))) yield at;
  yield '';
}
