import { open } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { assertMoonTarget } from './label-target.js';

/** Bytes of a label that are read: labels of LROC have some 10 kB, and the target stands near the top. */
const LABEL_BYTES = 2 ** 18;

/**
 * Checks the target of the labels that lie beside an image: `X.xml`, `X.lbl`, and for `X_pyr.tif` also
 * `X_pyr.xml`.
 *
 * @throws InvalidProductError `wrong_body`, naming image and target
 */
export async function assertMoonLabelBeside(imagePath: string): Promise<void> {
  const name = basename(imagePath);
  for (const label of labelPaths(imagePath)) {
    const text = await readHead(label);
    if (text !== null) assertMoonTarget(text, name);
  }
}

function labelPaths(imagePath: string): string[] {
  const stem = basename(imagePath, extname(imagePath));
  const stems = new Set([stem, stem.replace(/_pyr$/i, '')]);
  return [...stems].flatMap((each) =>
    ['.xml', '.XML', '.lbl', '.LBL'].map((end) => join(dirname(imagePath), each + end)),
  );
}

/** A label that cannot be read says nothing; the image beside it is what was asked for. */
async function readHead(path: string): Promise<string | null> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return null;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LABEL_BYTES), 0, LABEL_BYTES, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } catch {
    return null;
  } finally {
    await file.close();
  }
}
