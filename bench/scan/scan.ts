/**
 * From an image to its detections: `selenoscan scan` of a file and `selenoscan run --once` from an archive into
 * PostGIS, against a pipeline in Python that writes the same detections into PostGIS (GDAL, PyTorch at its best and
 * as most people run it, NumPy, SciPy, psycopg). Wall time, CPU time, peak memory, and whether both found the same.
 *
 * Usage: npm run bench:scan [-- --size small|full] [--rounds N] [--lines N] [--seconds N] [--json]
 */
import { benchOptions, wholeNumber } from '../harness/options.js';
import { publish } from '../harness/result.js';
import { compareScans } from './compare.js';

const { size, json, rounds, own } = benchOptions({ small: 1, full: 2 }, ['lines', 'seconds']);
const result = await compareScans({
  bench: 'scan',
  command: 'npm run bench:scan',
  lines: own['lines'] === undefined ? (size === 'small' ? 512 : 8192) : wholeNumber('--lines', own['lines']),
  rounds,
  budgetS: own['seconds'] === undefined ? 400 : wholeNumber('--seconds', own['seconds']),
  size,
  eager: true,
});
publish(result, json);
