import { basename } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { labelsBeside, readLabelHead } from '../../domain/label-files.js';
import { parsePds3Label, type Pds3Object } from '../index/pds3-label.js';

/** What the labels of an image say of it; null and NaN where they do not. */
export interface ImageLabel {
  /** Size of the file, bytes. */
  readonly bytes: number | null;
  /** Of the whole file, lower-case hex. */
  readonly md5: string | null;
  readonly version: string | null;
  readonly startTime: Date | null;
  readonly stopTime: Date | null;
  readonly orbit: number;
}

const PDS3_START = /^\s*(PDS_VERSION_ID\b|CCSD3ZF|ODL_VERSION_ID\b)/;

const SILENT: ImageLabel = {
  bytes: null,
  md5: null,
  version: null,
  startTime: null,
  stopTime: null,
  orbit: NaN,
};

const xml = new XMLParser({
  ignoreAttributes: true,
  removeNSPrefix: true,
  parseTagValue: false,
  processEntities: false,
});

/**
 * Reads the labels beside an image (`X.xml` PDS4, `X.lbl` PDS3; for `X_pyr.tif` those of `X_pyr` and of `X`) and
 * the one that an .IMG begins with. A label that cannot be read says nothing: whether an image can be read
 * without one shows when it is opened.
 */
export async function readImageLabel(imagePath: string): Promise<ImageLabel> {
  let label = SILENT;
  for (const { name, text } of await labelsBeside(imagePath))
    label = merged(label, name.toLowerCase().endsWith('.xml') ? pds4(text, basename(imagePath)) : pds3(text));
  if (/\.img$/i.test(imagePath)) label = merged(label, pds3((await readLabelHead(imagePath)) ?? ''));
  return label;
}

/** What the first says, and where it says nothing, the second. */
function merged(first: ImageLabel, second: ImageLabel): ImageLabel {
  return {
    bytes: first.bytes ?? second.bytes,
    md5: first.md5 ?? second.md5,
    version: first.version ?? second.version,
    startTime: first.startTime ?? second.startTime,
    stopTime: first.stopTime ?? second.stopTime,
    orbit: Number.isNaN(first.orbit) ? second.orbit : first.orbit,
  };
}

function pds4(text: string, fileName: string): ImageLabel {
  let document: unknown;
  try {
    document = xml.parse(text);
  } catch {
    return SILENT;
  }
  const isOurs = (file: unknown) => leaf(file, 'file_name')?.toLowerCase() === fileName.toLowerCase();
  const file = [...elements(document, 'File')].find(isOurs) ?? null;
  const bytes = Number(leaf(file, 'file_size') ?? NaN);
  const md5 = leaf(file, 'md5_checksum')?.toLowerCase() ?? '';
  return {
    bytes: Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : null,
    md5: /^[0-9a-f]{32}$/.test(md5) ? md5 : null,
    version: leaf(document, 'product_version_id'),
    startTime: time(leaf(document, 'start_date_time')),
    stopTime: time(leaf(document, 'stop_date_time')),
    orbit: Number(leaf(document, 'orbit_number') ?? NaN),
  };
}

/** Every element of a name, at any depth. */
function* elements(node: unknown, name: string): Generator {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (key === name) yield each;
      yield* elements(each, name);
    }
  }
}

function leaf(node: unknown, name: string): string | null {
  for (const value of elements(node, name)) if (typeof value === 'string') return value.trim();
  return null;
}

function pds3(text: string): ImageLabel {
  if (!PDS3_START.test(text)) return SILENT;
  let label: Pds3Object;
  try {
    label = parsePds3Label(text);
  } catch {
    return SILENT;
  }
  const { values } = label;
  return {
    ...SILENT,
    version: values.get('PRODUCT_VERSION_ID') ?? null,
    startTime: time(values.get('START_TIME') ?? null),
    stopTime: time(values.get('STOP_TIME') ?? null),
    orbit: Number(values.get('ORBIT_NUMBER') ?? NaN),
  };
}

/** UTC, with or without its Z. */
function time(text: string | null): Date | null {
  const found = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?/.exec(text ?? '')?.[0];
  const value = found === undefined ? null : new Date(`${found}Z`);
  return value === null || Number.isNaN(value.getTime()) ? null : value;
}
