import { z } from 'zod';
import { integer, key, number } from '../key.js';

/** How scans are claimed, tried again and given up. */
export const queue = z.strictObject({
  images: key(integer(1, 64, 1), { description: 'Images scanned at the same time by this process.' }),
  ahead: key(integer(0, 16, 1), {
    description: 'Images fetched ahead while others are scanned.',
  }),
  confirm: key(integer(0, 100_000_000, 1000), {
    description: 'backfill asks before it queues more images than this.',
    unit: 'images',
  }),
  lease_s: key(integer(5, 86_400, 300), {
    description: 'A claimed scan whose lease is not renewed is taken over.',
    unit: 's',
  }),
  attempts: key(integer(1, 100, 5), { description: 'Attempts before a scan is given up as failed.' }),
  retry_s: key(number(0, 86_400, 60), {
    description: 'First wait before another attempt; doubled each time.',
    unit: 's',
  }),
  missing_hours: key(number(0, 8760, 24), {
    description:
      'A product that is not there yet is asked again after this, or after a quarter of the time since it was announced, whichever is longer.',
    unit: 'h',
  }),
});
