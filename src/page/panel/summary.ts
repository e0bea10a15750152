import type { ReviewStandingAnswer } from '../../http/contract.js';
import type { DetectionFilter } from '../api.js';
import { countText } from '../format.js';
import type { ReviewQueue } from '../review/queue.js';

/** How many there are under the filters, as far as it is known; those loaded where all are. */
export function totalOf(
  { items, next }: ReviewQueue,
  standing: Pick<ReviewStandingAnswer, 'detections' | 'reviewed' | 'verdicts'> | null,
  { review, reviewer }: Pick<DetectionFilter, 'review' | 'reviewer'>,
): number {
  const loaded = items.length;
  if (next === null || standing === null) return loaded;
  const { detections, reviewed, verdicts } = standing;
  if (review === '') return Math.max(loaded, reviewer === '' ? detections : reviewed);
  const others = review === 'none' ? detections - reviewed : review === 'any' ? reviewed : verdicts[review];
  return Math.max(loaded, others ?? 0);
}

/**
 * The line over the grid.
 * @param selected id of the one that is selected @param total of all under the filters @param images scanned so far
 */
export function summaryText(
  queue: ReviewQueue,
  selected: number | null,
  total: number,
  images: number,
): string {
  const { items } = queue;
  if (items.length === 0)
    return images === 0
      ? 'Nothing was scanned yet. Detections appear here as images are scanned.'
      : 'No detection fits the filter.';
  const at = queue.placeOf(selected);
  const known = items.filter(({ properties }) => properties.known_object !== null).length;
  return [
    `${at < 0 ? '' : `${(at + 1).toLocaleString('en')} of `}${countText(total, 'detection')}`,
    ...(known === 0 ? [] : [`${known} at known objects`]),
  ].join(' · ');
}
