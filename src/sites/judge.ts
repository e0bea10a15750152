import type { SiteVerdict } from '../domain/site.js';
import { alike, type SunPlace } from './light.js';
import type { SiteOptions } from './site-options.js';

/** One image that shows a site, or may not. */
export interface Sight {
  readonly scanId: number;
  readonly look: string;
  readonly observedAt: Date;
  readonly sun: SunPlace;
  /** Score of its detection there; null where it has none. */
  readonly score: number | null;
  /** Highest score that it gave a tile there (`scoredAt`). */
  readonly highest: number;
}

/** Incidences that differ by no more are one: a shadow's length changes by a tenth at most. */
const SAME_INCIDENCE_DEG = 2;

type Outcome = 'seen' | 'empty' | 'unclear';

/** What the images over a place say of it. */
export function judge(sights: readonly Sight[], options: SiteOptions): SiteVerdict {
  const seen = sights.filter(({ score }) => score !== null);
  const isEmpty = (sight: Sight): boolean => {
    const like = seen.filter((other) => alike(sight.sun, other.sun, options.likeLight));
    const least = Math.min(...(like.length > 0 ? like : seen).map(({ score }) => score!));
    return sight.highest <= least - options.scoreMargin;
  };
  const empty = sights.filter((sight) => sight.score === null && isEmpty(sight));
  const outcomes = new Map<string, Outcome>();
  for (const sight of sights) {
    const outcome: Outcome = sight.score !== null ? 'seen' : empty.includes(sight) ? 'empty' : 'unclear';
    const before = outcomes.get(sight.look);
    outcomes.set(sight.look, before === undefined ? outcome : stronger(before, outcome));
  }
  const looksOf = (wanted: Outcome) => [...outcomes.values()].filter((outcome) => outcome === wanted).length;
  const firstSeen = Math.min(...seen.map(({ observedAt }) => observedAt.getTime()));
  const isLike = (sight: Sight) => seen.some((other) => alike(sight.sun, other.sun, options.likeLight));
  const clear = empty.filter((sight) => outcomes.get(sight.look) === 'empty' && isLike(sight));
  const later = new Set(
    clear.filter(({ observedAt }) => observedAt.getTime() > firstSeen).map(({ look }) => look),
  );
  const sightings = looksOf('seen');
  const isTransient =
    sightings / (sightings + later.size) < options.persistence || (later.size > 0 && sightings === 1);
  const best = Math.max(...seen.map(({ score }) => score!));
  const isSure = !isTransient && (sightings > 1 || best >= options.changeScore);
  // The same light as a sighting's, with shadows no shorter: what only threw a shadow would have shown.
  const told = clear.filter(
    (sight) =>
      isSure &&
      sight.observedAt.getTime() < firstSeen &&
      seen.some(
        (other) => alike(sight.sun, other.sun, options.likeLight) && isNoHigher(sight.sun, other.sun),
      ),
  );
  return {
    evidence: isTransient ? 'transient' : sightings > 1 ? 'persistent' : 'new',
    looks: outcomes.size,
    sightings,
    emptyLooks: looksOf('empty'),
    seenIn: seen.map(({ scanId }) => scanId),
    emptyIn: empty.map(({ scanId }) => scanId),
    change:
      told.length === 0
        ? null
        : {
            after: new Date(Math.max(...told.map(({ observedAt }) => observedAt.getTime()))),
            before: new Date(firstSeen),
          },
  };
}

/** Whether the first Sun stands as low as the second, or lower: shadows are as long, or longer. */
function isNoHigher(a: SunPlace, b: SunPlace): boolean {
  return a.incidenceDeg! >= b.incidenceDeg! - SAME_INCIDENCE_DEG;
}

/** One image of a look that shows the place speaks for both; one that is unclear keeps both from being empty. */
function stronger(a: Outcome, b: Outcome): Outcome {
  if (a === 'seen' || b === 'seen') return 'seen';
  return a === 'empty' && b === 'empty' ? 'empty' : 'unclear';
}
