/**
 * One image of full height, 5064 x 52224 pixels, once the whole way: `selenoscan scan`, `selenoscan run --once` into
 * PostGIS, and the pipeline in Python at its best. `npm run bench:scan` repeats a shorter one.
 *
 * Usage: npm run bench -- whole-image [--size small|full] [--lines 52224] [--json]
 */
import { benchOptions, wholeNumber } from '../harness/options.js';
import { publish } from '../harness/result.js';
import { compareScans } from '../scan/compare.js';

const { size, json, rounds, own } = benchOptions({ small: 1, full: 1 }, ['lines']);
const result = await compareScans({
  bench: 'whole-image',
  command: 'npm run bench -- whole-image',
  lines:
    own['lines'] === undefined ? (size === 'small' ? 1024 : 52_224) : wholeNumber('--lines', own['lines']),
  rounds,
  budgetS: Infinity,
  size,
  eager: false,
});
publish(result, json);
