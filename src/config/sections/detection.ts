import { z } from 'zod';
import { integer, key, number } from '../key.js';

/** Which tiles become detections. */
export const detection = z.strictObject({
  threshold: key(number(0, 100, 2.5), {
    description:
      'Robust standard deviations of the raw score above the median from which a tile is a candidate.',
    results: true,
  }),
  budget: key(integer(1, 10_000, 50), { description: 'Most detections kept of one image.', results: true }),
  merge_radius: key(number(0, 64, 12), {
    description:
      'Candidates of overlapping tiles whose peaks lie this near are one object; so are detections whose places come to, or whose outlines overlap.',
    unit: 'px',
    results: true,
  }),
});
