import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where `npm run engine:openvino` lays the libraries. */
export const OPENVINO_FOLDER = path.join(packageFolder(import.meta.dirname), 'engines/openvino');
/** What the same command writes last: `version`, and `library`, the file that holds the C functions. */
export const OPENVINO_STAMP = path.join(OPENVINO_FOLDER, 'selenoscan.json');

/** Whether that command was run here. */
export function hasOpenVino(): boolean {
  return existsSync(OPENVINO_STAMP);
}

/** The folder of the package, which sources, their build and that of the benches lie at different depths in. */
function packageFolder(from: string): string {
  const above = path.dirname(from);
  return existsSync(path.join(from, 'package.json')) || above === from ? from : packageFolder(above);
}
