import type { OdeFile, OdeRecord } from './ode-record.js';
import { DATA_SET_IDS, type DataSet } from '../data-set.js';

/** Files of a product as ODE lists them; null where it lists none. */
export interface OdeFiles {
  readonly image: OdeFile | null;
  /** PDS4 label of the image. */
  readonly label: OdeFile | null;
  readonly browse: OdeFile | null;
  /** PDS4 label of the browse image: another `.xml` in the same list. */
  readonly browseLabel: OdeFile | null;
}

/**
 * Tells a product's files apart by what ODE says they are and by their whole name: two of them end in `.xml`, and
 * derived ones bear the product's name too.
 */
export function filesOf({ Product_files }: OdeRecord, productId: string): OdeFiles {
  const find = (type: string, name: string): OdeFile | null =>
    Product_files.Product_file.find(
      (file) => file.Type.toLowerCase() === type && file.FileName.toUpperCase() === `${productId}${name}`,
    ) ?? null;
  return {
    image: find('product', '.IMG'),
    label: find('product', '.XML'),
    browse: find('browse', '_PYR.TIF'),
    browseLabel: find('browse', '_PYR.XML'),
  };
}

/** From the volume on, below whatever root a host has. */
const IN_VOLUME = /(?:^|\/)(LROLRC_\d{4}[ABC]?\/DATA\/.*)$/;

/**
 * FILE_SPECIFICATION_NAME, which ODE does not tell: from the image's address, whose root differs between hosts
 * (`…/data/LRO-L-LROC-3-CDR-V1.0/`, `…/pds4/lroc/lro-l-lroc-3-cdr/`), or from volume id and path, which has
 * backslashes. null where neither tells.
 */
export function fileSpecificationOf(record: OdeRecord, productId: string, dataSet: DataSet): string | null {
  const { image } = filesOf(record, productId);
  const path = (url: string) => (URL.canParse(url) ? new URL(url).pathname : url);
  const told = [
    image === null ? '' : path(image.URL),
    `${record.PDSVolume_Id}/${record.RelativePathtoVol.replaceAll('\\', '/')}/${productId}.IMG`,
  ];
  for (const text of told) {
    const inVolume = IN_VOLUME.exec(text.toUpperCase().replace(/\/{2,}/g, '/'))?.[1];
    if (inVolume !== undefined) return `${DATA_SET_IDS[dataSet]}/${inVolume}`;
  }
  return null;
}
