import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

/** Bytes of a label that are read: labels of LROC have some 10 kB, and the target stands near the top. */
const LABEL_BYTES = 2 ** 18;

/** The beginning of a label that lies beside an image. */
export interface LabelFile {
  readonly name: string;
  readonly text: string;
}

/**
 * The labels `X.xml` and `X.lbl` beside an image X, and for `X_pyr.tif` those of `X_pyr` first. One that
 * cannot be read says nothing: the image beside it is what was asked for.
 */
export async function labelsBeside(imagePath: string): Promise<LabelFile[]> {
  const labels: LabelFile[] = [];
  for (const path of labelPaths(imagePath)) {
    const text = await readLabelHead(path);
    if (text !== null) labels.push({ name: basename(path), text });
  }
  return labels;
}

function labelPaths(imagePath: string): string[] {
  const stem = basename(imagePath, extname(imagePath));
  const stems = new Set([stem, stem.replace(/_pyr$/i, '')]);
  return [...stems].flatMap((each) =>
    ['.xml', '.XML', '.lbl', '.LBL'].map((end) => join(dirname(imagePath), each + end)),
  );
}

/** The beginning of a label, or of a file that begins with one; null where it cannot be read. */
export async function readLabelHead(path: string): Promise<string | null> {
  // A pipe of that name must not make the image wait.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => null);
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
