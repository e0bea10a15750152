import { z } from 'zod';
import { integer, key, number } from '../key.js';

/** What `maintain` removes, and when. */
export const retention = z.strictObject({
  chips_days: key(integer(0, 36_500, 365), {
    description:
      'selenoscan maintain removes pictures older than this of detections that nobody reviewed and that score below retention.chips_score; the detections stay. 0 = pictures are kept.',
    unit: 'days',
  }),
  chips_score: key(number(0, 1000, 5), {
    description: 'Pictures of detections that score at least so much are kept whatever their age.',
  }),
  alerts_days: key(integer(0, 36_500, 90), {
    description: 'selenoscan maintain removes alerts that were sent so long ago. 0 = they are kept.',
    unit: 'days',
  }),
});
