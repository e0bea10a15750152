import type { SiteEvent } from '../domain/site.js';
import type { ImageLink } from '../sites/adjust.js';
import { clusterAround } from '../sites/cluster.js';
import { groundCell, withNeighbours } from '../sites/ground-cells.js';
import { GroundFits } from '../sites/ground-fits.js';
import { keepIds } from '../sites/keep-ids.js';
import { makeSite, type MadeSite } from '../sites/make-site.js';
import type { SiteDetection } from '../domain/site.js';
import { lookOf, type SiteScan } from '../sites/site-data.js';
import type { SiteOptions } from '../sites/site-options.js';
import type { Queryable } from '../store/database.js';
import { notifyQgis } from '../store/queries/notify-qgis.js';
import { offsetsAmong } from '../store/queries/scan-offsets.js';
import { sitesBuilt, type PendingScan } from '../store/queries/site-pending.js';
import {
  detectionsOfScans,
  detectionsOfSites,
  scansOver,
  sitesInCells,
  type RegionScan,
} from '../store/queries/site-region.js';
import {
  carryReviews,
  deleteSites,
  putMembers,
  putSites,
  sitesBefore,
  tagSites,
} from '../store/queries/write-sites.js';

/**
 * Builds the sites around scans that changed: reads the ground that they reach into and all that it depends on, puts
 * detections together, and writes what is other than before. The rest of the Moon is not looked at. Sites are a
 * function of the scans and detections that are there, so that it does not matter which came first.
 *
 * @param tx one transaction: sites, what follows from them, and that it was done
 * @returns what became of each site that changed
 */
export async function buildSites(
  tx: Queryable,
  pending: readonly PendingScan[],
  options: SiteOptions,
): Promise<SiteEvent[]> {
  const own = await detectionsOfScans(tx, pending.map(({ scanId }) => scanId)); // prettier-ignore
  const touched = new Set([...pending.flatMap(({ cells }) => cells), ...own.map(groundCell)]);
  const region = await gather(tx, withNeighbours(touched), options);
  const ids = keepIds(region.clusters, region.order);
  const sites = region.clusters.map((members) => makeSite(members, region.fits, options));
  const events = await write(tx, sites, ids, region.siteIds);
  await sitesBuilt(tx, pending);
  return events;
}

interface Region {
  readonly clusters: readonly (readonly SiteDetection[])[];
  readonly order: (detection: SiteDetection) => number;
  readonly fits: GroundFits;
  /** Sites that the clusters take the place of. */
  readonly siteIds: readonly number[];
}

/**
 * Detections of the ground put together, with all that depends on it: cells are added until nothing beyond them could
 * change the result, and sites until all of their detections are among those put together.
 */
async function gather(tx: Queryable, ground: ReadonlySet<number>, options: SiteOptions): Promise<Region> {
  let cells = withNeighbours(ground);
  const siteIds = new Set(await sitesInCells(tx, [...ground]));
  for (;;) {
    const scans = (await scansOver(tx, [...cells], { lock: true })).map(siteScan);
    const links = await linksAmong(tx, scans);
    const all = (await detectionsOfScans(tx, scans.map(({ scanId }) => scanId))).filter((detection) => cells.has(groundCell(detection))); // prettier-ignore
    const asked = new Map<number, SiteDetection>();
    for (const detection of all) if (ground.has(groundCell(detection))) asked.set(detection.pk, detection);
    for (const { siteId } of asked.values()) if (siteId !== null) siteIds.add(siteId);
    const members = await detectionsOfSites(tx, [...siteIds]);
    const known = new Map(all.map((detection) => [detection.pk, detection]));
    const outside = members.filter(({ pk }) => !known.has(pk));
    if (outside.some((member) => !cells.has(groundCell(member)))) {
      cells = new Set([...cells, ...withNeighbours(outside.map(groundCell))]);
      continue;
    }
    for (const { pk } of members) {
      const member = known.get(pk);
      if (member !== undefined) asked.set(pk, member);
    }
    const fits = new GroundFits(scans, links);
    const { clusters, order, missing } = await clusterAround([...asked.values()], all, scans, cells, fits, options); // prettier-ignore
    if (missing.size > 0) {
      cells = new Set([...cells, ...missing]);
      continue;
    }
    const before = siteIds.size;
    for (const { siteId } of clusters.flat()) if (siteId !== null) siteIds.add(siteId);
    if (siteIds.size === before) return { clusters, order, fits, siteIds: [...siteIds] };
  }
}

function siteScan(scan: RegionScan): SiteScan {
  return { ...scan, look: lookOf(scan.imageId) };
}

async function linksAmong(tx: Queryable, scans: readonly SiteScan[]): Promise<ImageLink[]> {
  const image = new Map(scans.map(({ scanId, imageId }) => [scanId, imageId]));
  const offsets = await offsetsAmong(tx, [...image.keys()]);
  return offsets.map(({ scanA, scanB, residualM, shadingM, ties }) => ({
    a: image.get(scanA)!,
    b: image.get(scanB)!,
    residualM,
    shadingM,
    ties: Array.from({ length: ties.length / 4 }, (_, i) => ({
      a: { sample: ties[4 * i]!, line: ties[4 * i + 1]! },
      b: { sample: ties[4 * i + 2]!, line: ties[4 * i + 3]! },
    })),
  }));
}

async function write(
  tx: Queryable,
  sites: readonly MadeSite[],
  keep: readonly (number | null)[],
  siteIds: readonly number[],
): Promise<SiteEvent[]> {
  const before = await sitesBefore(tx, siteIds);
  const { ids, written } = await putSites(
    tx,
    sites.map((site, i) => ({
      ...site,
      id: keep[i]!,
      bestScore: site.best.score,
      bestDetection: site.best.pk,
    })),
  );
  await putMembers(
    tx,
    sites.flatMap((site, i) => site.placed.map((member) => ({ ...member, siteId: ids[i]! }))),
    siteIds,
  );
  const there = new Set(ids);
  const gone = siteIds.filter((id) => !there.has(id));
  await deleteSites(tx, gone);
  const status = await tagSites(tx, written, ids);
  await carryReviews(tx, ids);
  if (written.length + gone.length > 0) await notifyQgis(tx);
  return sites.flatMap((site, i): SiteEvent[] => {
    const siteId = ids[i]!;
    const was = before.get(siteId);
    const event = {
      siteId,
      status: status.get(siteId) ?? site.evidence,
      previous: was?.status ?? null,
      changed: site.change !== null && was?.changed !== true,
      joined: site.members
        .filter((member) => member.siteId === null)
        .sort((a, b) => b.score - a.score || a.pk - b.pk)
        .map(({ pk }) => pk),
    };
    const tells = event.joined.length > 0 || event.changed || event.status !== event.previous;
    return tells ? [event] : [];
  });
}
