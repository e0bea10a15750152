import { refuse } from '../faults.js';
import { areCompandTerms, type CompandTerms } from './compand.js';
import { decimal } from './decimal.js';
import { damagedLabel } from './label-faults.js';
import type { ImageLayout, SpecialValues } from './image-layout.js';
import type { Pds3Label, Pds3Object, Pds3Value } from './pds3-label.js';
import { pds3SampleType } from './sample-type.js';

/** Where a label says that its image lies. */
export interface ImagePointer {
  /** Another file's name, or null: the file that holds the label. */
  readonly file: string | null;
  /** First byte of the image in it. */
  readonly offset: number;
}

/** Keywords by which labels name values that are no measurement; the archive's CDRs carry the first of each. */
const NO_DATA = ['NULL', 'CORE_NULL', 'MISSING_CONSTANT', 'INVALID_CONSTANT'];
const LOW = [
  'LOW_REPR_SATURATION',
  'LOW_INSTR_SATURATION',
  'CORE_LOW_REPR_SATURATION',
  'CORE_LOW_INSTR_SATURATION',
];
const HIGH = [
  'HIGH_REPR_SATURATION',
  'HIGH_INSTR_SATURATION',
  'CORE_HIGH_REPR_SATURATION',
  'CORE_HIGH_INSTR_SATURATION',
];

/**
 * Reads `^IMAGE`: `2` (record), `3638 <BYTES>`, `"X.IMG"`, `("X.IMG", 2)` or `("X.IMG", 5065 <BYTES>)`, all
 * counted from 1.
 *
 * @param where file that holds the label, for messages
 * @throws InvalidProductError `label`
 */
export function imagePointer(label: Pds3Label, where: string): ImagePointer {
  const pointer = label.values.get('^IMAGE');
  if (pointer === undefined) {
    throw refuse(
      'label',
      `${where} has a PDS3 label without ^IMAGE, so it holds no image; give an image product.`,
    );
  }
  const named = pointer.find((value) => Number.isNaN(decimal(value.text)));
  const place = pointer.find((value) => value !== named);
  if (place === undefined) return { file: named?.text ?? null, offset: 0 };
  const first = wholeNumber(place, '^IMAGE', where, 1);
  if (place.unit === 'BYTES') return { file: named?.text ?? null, offset: first - 1 };
  const record = number(label, 'RECORD_BYTES', where, 1);
  return { file: named?.text ?? null, offset: (first - 1) * record };
}

/**
 * What the label's IMAGE object says of the pixels.
 *
 * @throws InvalidProductError `label`, `unsupported_layout`, `unsupported_samples`, naming the keyword
 */
export function pds3Layout(label: Pds3Label, where: string): Omit<ImageLayout, 'offset'> {
  refuseEncoded(label, where);
  const image = label.objects.find(({ name }) => name === 'IMAGE');
  if (image === undefined) {
    throw refuse('label', `${where} has a PDS3 label without OBJECT = IMAGE; give an image product.`);
  }
  for (const keyword of ['LINE_PREFIX_BYTES', 'LINE_SUFFIX_BYTES']) {
    if (image.values.has(keyword) && number(image, keyword, where, 0) !== 0) {
      throw refuse(
        'unsupported_layout',
        `${where} has ${keyword} = ${text(image, keyword)} beside its pixels by its label; convert it with GDAL to a TIFF.`,
      );
    }
  }
  if (image.values.has('BANDS') && number(image, 'BANDS', where, 1) !== 1) {
    throw refuse(
      'unsupported_layout',
      `${where} has BANDS = ${text(image, 'BANDS')} by its label where images of one band are read; extract one with GDAL.`,
    );
  }
  const type = text(image, 'SAMPLE_TYPE');
  const bits = number(image, 'SAMPLE_BITS', where, 1);
  const sample = pds3SampleType(type, bits);
  if (sample === null) {
    throw refuse(
      'unsupported_samples',
      `${where} has samples of SAMPLE_TYPE = ${type || '(none)'} with SAMPLE_BITS = ${bits} by its label, which are not read; convert it with GDAL to a 16-bit TIFF.`,
    );
  }
  return {
    width: number(image, 'LINE_SAMPLES', where, 1),
    height: number(image, 'LINES', where, 1),
    sample,
    factor: real(image, 'SCALING_FACTOR', where, 1),
    base: real(image, 'OFFSET', where, 0),
    special: specialValues(image),
    compand: sample === 'u8' ? compandTerms(label, where) : null,
  };
}

function refuseEncoded(object: Pds3Object, where: string): void {
  const encoding = text(object, 'ENCODING_TYPE');
  if (encoding !== '' && !/^(N\/A|NONE|NULL|UNK)$/i.test(encoding)) {
    throw refuse(
      'unsupported_layout',
      `${where} is compressed by its label (ENCODING_TYPE = ${encoding}); decompress it or convert it with GDAL to a TIFF.`,
    );
  }
  for (const inner of object.objects) refuseEncoded(inner, where);
}

function specialValues(image: Pds3Object): SpecialValues {
  const all = (keywords: readonly string[]): string[] =>
    keywords.flatMap((keyword) => (image.values.get(keyword) ?? []).map((value) => value.text));
  return {
    noData: all(NO_DATA).filter(isStated),
    saturatedLow: all(LOW).filter(isStated),
    saturatedHigh: all(HIGH).filter(isStated),
    validMinimum: all(['VALID_MINIMUM', 'CORE_VALID_MINIMUM']).find(isStated) ?? null,
  };
}

/** Some labels spell "not applicable" where a value would stand. */
function isStated(value: string): boolean {
  return !/^["']?(N\/A|NULL|UNK|NONE)?["']?$/i.test(value);
}

/** Raw LROC samples are companded and say how; other 8-bit images are linear. */
function compandTerms(label: Pds3Label, where: string): CompandTerms | null {
  const terms = (keyword: string): number[] =>
    (label.values.get(keyword) ?? []).map((value) => decimal(value.text));
  const all: CompandTerms = { x: terms('LRO:XTERM'), m: terms('LRO:MTERM'), b: terms('LRO:BTERM') };
  const isLroc =
    /^LRO-L-LROC-2-EDR/i.test(text(label, 'DATA_SET_ID')) || label.values.has('LRO:COMPAND_CODE');
  if (!isLroc && all.x.length + all.m.length + all.b.length === 0) return null;
  if (areCompandTerms(all)) return all;
  throw damagedLabel(
    where,
    'LRO:XTERM, LRO:MTERM and LRO:BTERM do not tell how its 8-bit samples were companded',
  );
}

function text(object: Pds3Object, keyword: string): string {
  return object.values.get(keyword)?.[0]?.text ?? '';
}

function number(object: Pds3Object, keyword: string, where: string, least: number): number {
  const value = object.values.get(keyword)?.[0];
  if (value === undefined) throw damagedLabel(where, `${keyword} is missing`);
  return wholeNumber(value, keyword, where, least);
}

function wholeNumber(value: Pds3Value, keyword: string, where: string, least: number): number {
  const found = decimal(value.text);
  if (Number.isSafeInteger(found) && found >= least) return found;
  throw damagedLabel(where, `${keyword} = ${value.text.slice(0, 40)} is no number of at least ${least}`);
}

function real(object: Pds3Object, keyword: string, where: string, absent: number): number {
  const spelled = text(object, keyword);
  if (spelled === '' || !isStated(spelled)) return absent;
  const found = decimal(spelled);
  if (Number.isFinite(found) && (found !== 0 || keyword === 'OFFSET')) return found;
  throw damagedLabel(where, `${keyword} = ${spelled.slice(0, 40)} is no number to scale samples by`);
}
