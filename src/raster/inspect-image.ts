import { openFile } from './byte-source.js';
import { assertMoonGeoreference } from './geo-target.js';
import { findLayout } from './img/find-layout.js';
import { labelsBeside } from '../domain/label-files.js';
import { assertMoonLabels } from './label-beside.js';
import { openPng } from './open-png.js';
import { sniff, SNIFF_BYTES } from './sniff.js';
import { checkTiff } from './tiff-check.js';
import { readTiffDirectory } from './tiff-directory.js';

/**
 * Size of an image in a file that holds all of it, by its directory or label: no pixel is read.
 * @throws InvalidProductError as `openRaster`, such as `truncated` for a file that is only half there
 */
export async function inspectImage(path: string): Promise<{ lines: number; samples: number }> {
  const bytes = await openFile(path);
  try {
    const labels = await labelsBeside(path);
    const format = sniff(bytes.name, await bytes.read(0, SNIFF_BYTES), labels.length > 0);
    assertMoonLabels(labels, bytes.name);
    if (format === 'img') {
      const { layout } = await findLayout(bytes, labels);
      return { lines: layout.height, samples: layout.width };
    }
    if (format === 'png') {
      const { info } = await openPng(bytes);
      return { lines: info.height, samples: info.width };
    }
    const directory = await readTiffDirectory(bytes);
    checkTiff(bytes.name, directory, bytes.size);
    assertMoonGeoreference(bytes.name, directory);
    return { lines: directory.height, samples: directory.width };
  } finally {
    await bytes.close();
  }
}
