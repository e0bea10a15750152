import { MOON_RADIUS_M } from '../domain/geometry.js';
import { DEGREE, angleDeg } from '../domain/sphere.js';
import type { RulePolicy } from './rule.js';

/** What says whether two alerts are of one place. */
export interface AlertPlace {
  readonly site_id: number | null;
  readonly image_id: string;
  readonly lon: number | null;
  readonly lat: number | null;
  readonly uncertainty_m: number | null;
}

/** An alert that was decided on before: sent or to be sent at once, or in a digest. */
export interface PlannedAlert {
  readonly at: Date;
  readonly atOnce: boolean;
  readonly place: AlertPlace;
}

export interface MatchedAlert {
  readonly id: number;
  readonly score: number;
  readonly place: AlertPlace;
}

export type Decision = 'send' | 'hold' | 'suppress';

const HOUR_MS = 3_600_000;

/**
 * What becomes of alerts that matched one rule, the highest score first: suppressed where their place alerted within
 * the cool-down, held for the digest where the rule is one of digests or its rate is used up, else sent.
 *
 * @param history alerts of the rule within the cool-down and within 24 hours
 */
export function planAlerts(
  policy: RulePolicy,
  history: readonly PlannedAlert[],
  matched: readonly MatchedAlert[],
  now: Date,
): Map<number, Decision> {
  const age = (alert: PlannedAlert): number => now.getTime() - alert.at.getTime();
  const planned = [...history];
  const decisions = new Map<number, Decision>();
  const sent = (ms: number): number => planned.filter((each) => each.atOnce && age(each) < ms).length;
  const hasRate = (): boolean =>
    sent(HOUR_MS) < (policy.rate.hour ?? Infinity) && sent(24 * HOUR_MS) < (policy.rate.day ?? Infinity);
  const isHot = (place: AlertPlace): boolean =>
    planned.some((each) => age(each) < policy.cooldown * 1000 && samePlace(each.place, place));
  for (const { id, place } of [...matched].sort((a, b) => b.score - a.score || a.id - b.id)) {
    if (policy.cooldown > 0 && isHot(place)) {
      decisions.set(id, 'suppress');
      continue;
    }
    const atOnce = policy.send === 'at_once' && hasRate();
    decisions.set(id, atOnce ? 'send' : 'hold');
    planned.push({ at: now, atOnce, place });
  }
  return decisions;
}

/**
 * One site is one place. Where one of the two has no site, places agree within the root of their summed squared
 * uncertainties, as everywhere in the product; without geometry an image is the place.
 */
export function samePlace(a: AlertPlace, b: AlertPlace): boolean {
  if (a.site_id !== null && b.site_id !== null) return a.site_id === b.site_id;
  if (a.lon === null || a.lat === null || b.lon === null || b.lat === null) return a.image_id === b.image_id;
  const metres = angleDeg({ lon: a.lon, lat: a.lat }, { lon: b.lon, lat: b.lat }) * DEGREE * MOON_RADIUS_M;
  return metres <= Math.hypot(a.uncertainty_m ?? 0, b.uncertainty_m ?? 0);
}
