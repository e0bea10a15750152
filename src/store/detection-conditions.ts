import type { DetectionQuestion } from '../domain/results.js';
import { Conditions } from './conditions.js';

/** Which rows of the view `selenoscan.detections` a question means, wherever its page begins. */
export function detectionConditions(wanted: Omit<DetectionQuestion, 'after' | 'limit'>): Conditions {
  const conditions = new Conditions();
  const compare = (left: string, operator: string, value: unknown): void => {
    if (value !== undefined) conditions.where(`${left} ${operator} ${conditions.add(value)}`);
  };
  if (wanted.bbox !== undefined) conditions.whereInBox('geom', wanted.bbox);
  compare('observed_at', '>=', wanted.since);
  compare('observed_at', '<', wanted.until);
  compare('score', '>=', wanted.minScore);
  compare('score', '<=', wanted.maxScore);
  compare('incidence_deg', '>=', wanted.minIncidence);
  compare('incidence_deg', '<=', wanted.maxIncidence);
  compare('image_id', '=', wanted.imageId);
  compare('site_id', '=', wanted.siteId);
  if (wanted.siteStatus === 'none') conditions.where('site_status IS NULL');
  else compare('site_status', '=', wanted.siteStatus);
  if (wanted.known !== undefined) conditions.where(`known_object IS ${wanted.known ? 'NOT ' : ''}NULL`);
  if (wanted.review === 'any') conditions.where('review IS NOT NULL');
  else if (wanted.review === 'none') conditions.where('review IS NULL');
  else compare('review', '=', wanted.review);
  if (wanted.reviewer !== undefined)
    conditions.where(
      `id IN (SELECT detection_pk FROM selenoscan_data.review WHERE reviewer = ${conditions.add(wanted.reviewer)})`,
    );
  return conditions;
}
