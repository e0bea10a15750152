import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where `npm run engine:openvino` lays the libraries. */
export const OPENVINO_FOLDER = fileURLToPath(new URL('../../../../engines/openvino/', import.meta.url));
/** What the same command writes last: `version`, and `library`, the file that holds the C functions. */
export const OPENVINO_STAMP = path.join(OPENVINO_FOLDER, 'selenoscan.json');

/** Whether that command was run here. */
export function hasOpenVino(): boolean {
  return existsSync(OPENVINO_STAMP);
}
