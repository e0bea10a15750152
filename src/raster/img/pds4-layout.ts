import { refuse } from '../faults.js';
import { areCompandTerms, type CompandTerms } from './compand.js';
import type { ImageLayout } from './image-layout.js';
import { decimal } from './decimal.js';
import { damagedLabel } from './label-faults.js';
import { pds4SampleType } from './sample-type.js';
import type { XmlElement } from './xml.js';

/** What a PDS4 label says of an image file. */
export interface Pds4Image {
  readonly fileName: string;
  /** Bytes; null where the label does not say. */
  readonly fileSize: number | null;
  readonly layout: ImageLayout;
}

/** Segments of the companding that the lro: dictionary has fields for. */
const SEGMENTS = [1, 2, 3, 4, 5];

/**
 * Reads Product_Observational with one Array_2D_Image of lines and samples.
 *
 * @param where the label's file, for messages
 * @throws InvalidProductError `label`, `unsupported_layout`, `unsupported_samples`, naming the element
 * @see PDS4 Information Model 1.19
 */
export function pds4Image(document: XmlElement, where: string): Pds4Image {
  const product = document.at('Product_Observational');
  const areas = product.all('File_Area_Observational');
  const images = areas.flatMap((area) => area.all('Array_2D_Image').map((image) => ({ area, image })));
  const [only] = images;
  if (only === undefined) {
    throw refuse('label', `${where} is a PDS4 label without Array_2D_Image; give an image product.`);
  }
  if (images.length > 1) {
    throw refuse(
      'unsupported_layout',
      `${where} describes ${images.length} Array_2D_Image where one is read; convert the one with GDAL to a TIFF.`,
    );
  }
  const { area, image } = only;
  const size = area.at('File', 'file_size').text;
  return {
    fileName: area.at('File', 'file_name').text,
    fileSize: size === '' ? null : whole(area.at('File', 'file_size'), 'file_size', where, 0),
    layout: layoutOf(product, image, where),
  };
}

function layoutOf(product: XmlElement, image: XmlElement, where: string): ImageLayout {
  const array = image.at('Element_Array');
  const type = array.at('data_type').text;
  const sample = pds4SampleType(type);
  if (sample === null) {
    throw refuse(
      'unsupported_samples',
      `${where} describes samples of data_type ${type || '(none)'}, which are not read; convert the image with GDAL to a 16-bit TIFF.`,
    );
  }
  const constants = image.at('Special_Constants');
  const stated = (...names: string[]): string[] =>
    names.map((name) => constants.at(name).text).filter((text) => text !== '');
  return {
    ...axes(image, where),
    offset: whole(image.at('offset'), 'offset', where, 0),
    sample,
    factor: real(array.at('scaling_factor'), 'scaling_factor', where, 1),
    base: real(array.at('value_offset'), 'value_offset', where, 0),
    special: {
      noData: stated('missing_constant', 'invalid_constant', 'not_applicable_constant', 'unknown_constant'),
      saturatedLow: stated('low_instrument_saturation', 'low_representation_saturation'),
      saturatedHigh: stated('high_instrument_saturation', 'high_representation_saturation'),
      validMinimum: stated('valid_minimum')[0] ?? null,
    },
    compand: sample === 'u8' ? compandTerms(product, where) : null,
  };
}

/** Lines are the slow axis, samples the fast one. */
function axes(image: XmlElement, where: string): { width: number; height: number } {
  const order = image.at('axis_index_order').text;
  const found = image.all('Axis_Array').map((axis) => ({
    name: axis.at('axis_name').text,
    elements: whole(axis.at('elements'), 'elements', where, 1),
    place: whole(axis.at('sequence_number'), 'sequence_number', where, 1),
  }));
  const [slow, fast, ...more] = found.sort((a, b) => a.place - b.place);
  if (more.length > 0 || slow?.name !== 'Line' || fast?.name !== 'Sample' || order !== 'Last Index Fastest') {
    throw refuse(
      'unsupported_layout',
      `${where} describes an image whose axes are not Line and Sample, Last Index Fastest; convert it with GDAL to a TIFF.`,
    );
  }
  return { width: fast.elements, height: slow.elements };
}

function compandTerms(product: XmlElement, where: string): CompandTerms | null {
  const lroc = product.at('Observation_Area', 'Mission_Area', 'LRO_Parameters', 'LROC_Parameters');
  const terms = (name: string): number[] =>
    SEGMENTS.map((s) => lroc.at(`${name}${s}`).text)
      .filter((text) => text !== '')
      .map(decimal);
  const all: CompandTerms = { x: terms('xterm'), m: terms('mterm'), b: terms('bterm') };
  if (!lroc.exists) return null;
  if (areCompandTerms(all)) return all;
  throw damagedLabel(where, 'xterm, mterm and bterm do not tell how its 8-bit samples were companded');
}

function whole(element: XmlElement, name: string, where: string, least: number): number {
  const found = decimal(element.text);
  if (Number.isSafeInteger(found) && found >= least) return found;
  const what =
    element.text === '' ? `${name} is missing` : `${name} ${element.text.slice(0, 40)} is no number`;
  throw damagedLabel(where, what);
}

function real(element: XmlElement, name: string, where: string, absent: number): number {
  if (element.text === '') return absent;
  const found = decimal(element.text);
  if (Number.isFinite(found) && (found !== 0 || name === 'value_offset')) return found;
  throw damagedLabel(where, `${name} ${element.text.slice(0, 40)} is no number to scale samples by`);
}
