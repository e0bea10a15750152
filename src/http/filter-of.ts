import type { z } from 'zod';
import { imageIdOf, isNacProductId } from '../domain/image-id.js';
import type { DetectionQuestion } from '../domain/results.js';
import type { progressQuery } from './parameters.js';

/** Which detections a request means. */
export function filterOf(
  query: z.output<typeof progressQuery>,
): Omit<DetectionQuestion, 'after' | 'limit' | 'order'> {
  return {
    bbox: query.bbox,
    since: query.since,
    until: query.until,
    minScore: query.min_score,
    maxScore: query.max_score,
    minIncidence: query.min_incidence,
    maxIncidence: query.max_incidence,
    imageId: query.product === undefined ? undefined : imageOf(query.product),
    siteId: query.site,
    siteStatus: query.site_status,
    known: query.known === undefined ? undefined : query.known === 'yes',
    review: query.review,
    reviewer: query.reviewer,
  };
}

/** EDR and CDR of one frame are one image; either id, or the image's own, finds it. */
function imageOf(id: string): string {
  return isNacProductId(id) ? imageIdOf(id) : id;
}
