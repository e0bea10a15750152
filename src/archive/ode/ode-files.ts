import type { OdeFile, OdeRecord } from './ode-record.js';
import { DATA_SET_IDS, type DataSet } from '../data-set.js';

/** The files of the image itself as ODE lists them; null where it does not. */
export interface OdeFiles {
  readonly image: OdeFile | null;
  /** PDS4 label of the image: the browse image's label is another `.xml` in the same list. */
  readonly label: OdeFile | null;
}

/**
 * Finds a product's own files by what ODE says they are and by their whole name: two of them end in `.xml`, and
 * derived ones bear the product's name too.
 */
export function filesOf({ Product_files }: OdeRecord, productId: string): OdeFiles {
  const find = (name: string): OdeFile | null =>
    Product_files.Product_file.find(
      (file) => file.Type.toLowerCase() === 'product' && file.FileName.toUpperCase() === productId + name,
    ) ?? null;
  return { image: find('.IMG'), label: find('.XML') };
}

/** From the volume on, below whatever root a host has. */
const IN_VOLUME = /(?:^|\/)(LROLRC_\d{4}[ABC]?\/DATA\/.*)$/;

/**
 * FILE_SPECIFICATION_NAME, which ODE does not tell: from the address of the image, or of its label beside it, whose
 * root differs between hosts (`…/data/LRO-L-LROC-3-CDR-V1.0/`, `…/pds4/lroc/lro-l-lroc-3-cdr/`), or from volume id
 * and path, which has backslashes. null where none tells.
 */
export function fileSpecificationOf(record: OdeRecord, productId: string, dataSet: DataSet): string | null {
  const { image, label } = filesOf(record, productId);
  const told = [
    pathOf(image),
    pathOf(label).replace(/\.xml$/i, '.IMG'),
    `${record.PDSVolume_Id}/${record.RelativePathtoVol.replaceAll('\\', '/')}/${productId}.IMG`,
  ];
  for (const text of told) {
    const inVolume = IN_VOLUME.exec(text.toUpperCase().replace(/\/{2,}/g, '/'))?.[1];
    if (inVolume !== undefined) return `${DATA_SET_IDS[dataSet]}/${inVolume}`;
  }
  return null;
}

function pathOf(file: OdeFile | null): string {
  if (file === null) return '';
  return URL.canParse(file.URL) ? new URL(file.URL).pathname : file.URL;
}
