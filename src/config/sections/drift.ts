import { z } from 'zod';
import { integer, key, number } from '../key.js';

/** When the newest scans are too unlike those that their calibration was learnt on. */
export const drift = z.strictObject({
  scans: key(integer(1, 10_000, 20), {
    description:
      'Newest scans that are compared with what their calibration was learnt on; with fewer there is no alarm.',
    unit: 'scans',
  }),
  threshold: key(number(0, 100, 0.7), {
    description:
      'Population stability index of brightness, contrast or score above which the log warns and the alarm metric is 1.',
  }),
});
