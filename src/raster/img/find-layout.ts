import { basename } from 'node:path';
import type { ByteSource } from '../../domain/bytes.js';
import { InvalidProductError } from '../../domain/errors.js';
import { refuse } from '../faults.js';
import { checkSize } from '../limits.js';
import type { LabelFile } from '../../domain/label-files.js';
import { assertMoonTarget } from '../label-target.js';
import { checkLayout, imageBytes, type ImageLayout } from './image-layout.js';
import { imageStart } from './image-start.js';
import { damagedLabel, unlabelled } from './label-faults.js';
import { parsePds3Label, PDS3_START, type Pds3Label } from './pds3-label.js';
import { imagePointer, pds3Layout } from './pds3-layout.js';
import { pds4Image, type Pds4Image } from './pds4-layout.js';
import { parseXml } from './xml.js';

/** Bytes in which an attached label must have its END. LROC's have some 5 kB. */
const LABEL_BYTES = 2 ** 18;

/** Where the layout was found, for logs and provenance. */
export interface FoundLayout {
  readonly layout: ImageLayout;
  readonly label: 'PDS3' | 'PDS4';
}

/**
 * Finds where the pixels of an image file lie: by the label that it begins with, checked against a PDS4 label
 * beside it, or by the PDS3 or PDS4 label beside it alone.
 *
 * @param beside the labels that lie beside the file
 * @throws InvalidProductError when there is no label, or it is damaged, of another body, of an image that is not
 *   read, or does not fit the file
 */
export async function findLayout(bytes: ByteSource, beside: readonly LabelFile[]): Promise<FoundLayout> {
  const head = await bytes.read(0, LABEL_BYTES);
  const text = latin1(head);
  if (PDS3_START.test(text)) {
    const layout = attached(bytes, head, text);
    for (const label of beside) crossCheck(bytes, layout, label);
    return { layout, label: 'PDS3' };
  }
  let others = '';
  for (const label of beside) {
    const found = PDS3_START.test(label.text) ? detached(bytes, label) : byPds4(bytes, label);
    if (typeof found !== 'string') return found;
    others ||= `${label.name} describes ${found}`;
  }
  if (others === '') throw unlabelled(bytes.name);
  throw refuse('label', `${others}, not ${bytes.name}; put the right label beside it.`);
}

function attached(bytes: ByteSource, head: Uint8Array, text: string): ImageLayout {
  const { name, size } = bytes;
  const label = parse(text, name, size <= head.length);
  assertMoonTarget(text.slice(0, label.end), name);
  const { file, offset: pointer } = imagePointer(label, name);
  if (file !== null && !sameName(file, name)) {
    throw refuse('label', `${name} is a PDS3 label; give the image that it describes, ${file}.`);
  }
  const partial = pds3Layout(label, name);
  const evidence = { pointer, labelEnd: label.end, imageBytes: imageBytes(partial), fileSize: size, head };
  checkSize(name, partial.width, partial.height);
  const layout = { ...partial, offset: imageStart(name, evidence) };
  checkLayout(name, layout, size);
  return layout;
}

/** @returns the other file's name when the label is of one */
function detached({ name, size }: ByteSource, { name: labelName, text }: LabelFile): FoundLayout | string {
  const label = parse(text, labelName, true);
  const { file, offset } = imagePointer(label, labelName);
  if (file === null || !sameName(file, name)) return file ?? 'itself';
  const layout = { ...pds3Layout(label, labelName), offset };
  checkLayout(name, layout, size);
  return { layout, label: 'PDS3' };
}

/** @returns the other file's name when the label is of one */
function byPds4({ name, size }: ByteSource, label: LabelFile): FoundLayout | string {
  const { fileName, fileSize, layout } = readPds4(label);
  if (!sameName(fileName, name)) return fileName || 'no file';
  checkLayout(name, layout, size);
  checkFileSize(name, size, label, fileSize);
  return { layout, label: 'PDS4' };
}

/** A second label that says nothing of this file, or cannot be read, has no voice. */
function crossCheck({ name, size }: ByteSource, attachedLayout: ImageLayout, label: LabelFile): void {
  let image: Pds4Image;
  try {
    image = readPds4(label);
  } catch (error) {
    if (error instanceof InvalidProductError) return;
    throw error;
  }
  if (!sameName(image.fileName, name)) return;
  checkFileSize(name, size, label, image.fileSize);
  for (const field of ['width', 'height', 'offset', 'sample'] as const) {
    const [own, other] = [attachedLayout[field], image.layout[field]];
    if (own === other) continue;
    throw refuse(
      'label',
      `${name} has two labels that contradict each other: the ${WORDS[field]} is ${own} by its own and ${other} by ${label.name}; fetch both again.`,
    );
  }
}

const WORDS = {
  width: 'number of samples',
  height: 'number of lines',
  offset: 'first byte of the image',
  sample: 'sample type',
} as const;

function checkFileSize(name: string, size: number, label: LabelFile, stated: number | null): void {
  if (stated === null || stated === size) return;
  throw refuse(
    'truncated',
    `${name} holds ${size} bytes and not the ${stated} that ${label.name} says (file_size); fetch the file again.`,
  );
}

function readPds4({ name, text }: LabelFile): Pds4Image {
  try {
    return pds4Image(parseXml(text), name);
  } catch (error) {
    throw error instanceof SyntaxError ? damagedLabel(name, error.message, error) : error;
  }
}

function parse(text: string, name: string, whole: boolean): Pds3Label {
  try {
    return parsePds3Label(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const what = whole ? error.message : `${error.message}, or it does not end within ${LABEL_BYTES} bytes`;
    throw damagedLabel(name, what, error);
  }
}

function sameName(stated: string, name: string): boolean {
  return basename(stated).toLowerCase() === name.toLowerCase();
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
