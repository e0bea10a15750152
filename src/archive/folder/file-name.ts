import { imageIdOf } from '../../domain/image-id.js';

/** Full-resolution files of one image: `<ID>_pyr.tif`, `<ID>.tif`, `<ID>.IMG`. */
export type ImageForm = 'pyr' | 'tiff' | 'img';

/** What a file in a folder is by its name. */
export type NamedFile =
  | { readonly kind: 'image'; readonly productId: string; readonly imageId: string; readonly form: ImageForm }
  /** A camera model of an image. */
  | { readonly kind: 'isd'; readonly imageId: string }
  /** Index rows of one image, or of any where `imageId` is null. */
  | { readonly kind: 'table'; readonly imageId: string | null };

/** Hidden files, and what is on its way to its name: `.x`, `~x`, `x~`, `x.part`, `x.tmp`, our own temp folders. */
const PASSING = /^[.~]|^selenoscan-|~$|\.(?:part|tmp)$/i;

const IMAGE = /^(M\d{9,10}[LR][EC])(_pyr)?\.(tiff?|img)$/i;
const OTHER_IMAGE = /\.(?:tiff?|img)$/i;
/** As ALE and ISIS users name them: `<ID>.json`, `<ID>_isd.json`, `<ID>.isd.json`, `<ID>.IMG.json`, `<ID>.cub.json`. */
const ISD = /^(M\d{9,10}[LR])[EC]?(?:_pyr)?(?:\.(?:img|tiff?|cub))?(?:[._]isd)?\.json$/i;
const TABLE = /^(.+)\.tab$/i;
const OWN_TABLE = /^(M\d{9,10}[LR])[EC]?(?:_pyr)?$/i;
/** Rows of all volumes together, 2.6 GB: each volume's INDEX.TAB has its own. */
const CUMULATIVE = /^CUMINDEX$/i;

/** Whether a file or folder of this name is passed over without a word. */
export function isPassing(name: string): boolean {
  return PASSING.test(name);
}

/** What a file is by its name; null where it is nothing that is looked at here. Case does not matter. */
export function readFileName(name: string): NamedFile | null {
  const [, id, pyr, extension = ''] = IMAGE.exec(name) ?? [];
  if (id !== undefined) {
    const isImg = extension.toLowerCase() === 'img';
    if (isImg && pyr !== undefined) return null;
    const productId = id.toUpperCase();
    const form = isImg ? 'img' : pyr === undefined ? 'tiff' : 'pyr';
    return { kind: 'image', productId, imageId: imageIdOf(productId), form };
  }
  const isdOf = ISD.exec(name)?.[1];
  if (isdOf !== undefined) return { kind: 'isd', imageId: isdOf.toUpperCase() };
  const stem = TABLE.exec(name)?.[1];
  if (stem === undefined || CUMULATIVE.test(stem)) return null;
  return { kind: 'table', imageId: OWN_TABLE.exec(stem)?.[1]?.toUpperCase() ?? null };
}

/** Whether a file is an image by its extension, though none of a NAC by its name. */
export function isOtherImage(name: string): boolean {
  return OTHER_IMAGE.test(name) && !IMAGE.test(name);
}
