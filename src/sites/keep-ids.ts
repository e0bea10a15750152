import type { SiteDetection } from '../domain/site.js';

/**
 * Which cluster goes on as which site: a site goes where its earliest detection went; of several sites that became
 * one, that with the earliest detection stays; what no site became is one of its own (null).
 *
 * @param clusters each in ascending order
 * @param order of detections: the earliest observed first
 */
export function keepIds(
  clusters: readonly (readonly SiteDetection[])[],
  order: (detection: SiteDetection) => number,
): (number | null)[] {
  const taken = new Set<number>();
  const ids = clusters.map((): number | null => null);
  const all = clusters
    .flatMap((members, cluster) => members.map((member) => ({ member, cluster })))
    .sort((a, b) => order(a.member) - order(b.member));
  for (const { member, cluster } of all) {
    const { siteId } = member;
    if (siteId === null || taken.has(siteId)) continue;
    taken.add(siteId);
    ids[cluster] ??= siteId;
  }
  return ids;
}
