import type { ImageLink } from '../../src/sites/adjust.js';
import { clusterAround } from '../../src/sites/cluster.js';
import { footprintCells, groundCell, withNeighbours } from '../../src/sites/ground-cells.js';
import { GroundFits } from '../../src/sites/ground-fits.js';
import { sunOver, sunsApartDeg } from '../../src/sites/light.js';
import { register } from '../../src/sites/register.js';
import type { SiteDetection } from '../../src/domain/site.js';
import { lookOf, type SiteScan } from '../../src/sites/site-data.js';
import type { SiteOptions } from '../../src/sites/site-options.js';
import type { LonLat } from '../../src/domain/geometry.js';
import type { Observation } from './observe.js';
import type { RenderedImage } from './rendered-place.js';

/** A detection that knows what it is of. */
export interface LabelledDetection extends SiteDetection {
  readonly object: number | null;
}

export function scanOf(image: RenderedImage, { found, scores }: Observation, scanId: number): SiteScan {
  const { overview } = image;
  return {
    ...overview,
    scores,
    scanId,
    imageId: image.imageId,
    look: lookOf(image.imageId),
    observedAt: image.observedAt,
    incidenceDeg: image.incidenceDeg,
    subSolar: image.subSolar,
    cells: footprintCells(overview.lattice),
    areaKm2: (overview.samples * overview.lines) / 1e6,
    detections: found.length,
  };
}

export function detectionsOf(
  image: RenderedImage,
  { found }: Observation,
  firstPk: number,
): LabelledDetection[] {
  return found.map(({ sample, line, score, sizeM, object }, i) => {
    const { lon, lat, uncertaintyM } = image.model.locate({ sample, line }, sizeM);
    const pk = firstPk + i;
    const detectionId = String(pk).padStart(12, '0');
    return { pk, detectionId, imageId: image.imageId, lon, lat, uncertaintyM, sample, line, sizeM, score, siteId: null, object }; // prettier-ignore
  });
}

/** Links between all images under near light, and what they took. */
export function linkAll(
  images: readonly RenderedImage[],
  centre: LonLat,
  registerLightDeg: number,
): { readonly links: ImageLink[]; readonly compared: number; readonly milliseconds: number } {
  const links: ImageLink[] = [];
  let compared = 0;
  const started = performance.now();
  images.forEach((a, i) => {
    for (const b of images.slice(i + 1)) {
      const apart = sunsApartDeg(
        sunOver(centre, a.subSolar, a.incidenceDeg),
        sunOver(centre, b.subSolar, b.incidenceDeg),
      )!;
      if (apart > registerLightDeg) continue;
      compared++;
      const found = register(a.overview, b.overview, apart);
      if (found.accepted) links.push({ ...found, a: a.imageId, b: b.imageId });
    }
  });
  return { links, compared, milliseconds: performance.now() - started };
}

export async function clustersOf(
  scans: readonly SiteScan[],
  detections: readonly LabelledDetection[],
  links: readonly ImageLink[],
  options: SiteOptions,
): Promise<LabelledDetection[][]> {
  const cells = withNeighbours(withNeighbours(detections.map(groundCell)));
  const fits = new GroundFits(scans, links);
  const { clusters } = await clusterAround(detections, detections, scans, cells, fits, options);
  return clusters as unknown as LabelledDetection[][];
}

/** How well sites hold what is one thing, and nothing else. */
export interface Quality {
  /** Sites of two detections or more. */
  readonly sites: number;
  /** Of the pairs of detections in one site, those that are of one object. */
  readonly pairPurity: number;
  /** Of the sites of two detections or more, those that hold nothing but one object. */
  readonly sitePurity: number;
  /** Of the pairs of detections of one object, those in one site. */
  readonly pairCompleteness: number;
  /** Share of an object's detections in the site that has most of them, mean over objects seen twice or more. */
  readonly completeness: number;
}

export function qualityOf(clusters: readonly (readonly LabelledDetection[])[]): Quality {
  const pairs = (n: number) => (n * (n - 1)) / 2;
  const joined = clusters.filter(({ length }) => length > 1);
  let [same, together] = [0, 0];
  const most = new Map<number, number>();
  const all = new Map<number, number>();
  for (const members of clusters) {
    const count = new Map<number, number>();
    for (const { object } of members) if (object !== null) count.set(object, (count.get(object) ?? 0) + 1);
    together += pairs(members.length);
    for (const [object, n] of count) {
      same += pairs(n);
      most.set(object, Math.max(most.get(object) ?? 0, n));
      all.set(object, (all.get(object) ?? 0) + n);
    }
  }
  const seen = [...all].filter(([, n]) => n > 1);
  const pure = joined.filter((members) =>
    members.every(({ object }) => object !== null && object === members[0]!.object),
  );
  return {
    sites: joined.length,
    pairPurity: together === 0 ? 1 : same / together,
    sitePurity: joined.length === 0 ? 1 : pure.length / joined.length,
    pairCompleteness: same / seen.reduce((sum, [, n]) => sum + pairs(n), 0),
    completeness: seen.reduce((sum, [object, n]) => sum + most.get(object)! / n, 0) / seen.length,
  };
}

/** Sites as joining whatever lies within the combined absolute radii makes them, chain by chain. */
export function singleLinkage(
  detections: readonly LabelledDetection[],
  near: (a: SiteDetection, b: SiteDetection) => boolean,
): LabelledDetection[][] {
  const clusters: LabelledDetection[][] = [];
  const left = new Set(detections);
  for (const start of detections) {
    if (!left.delete(start)) continue;
    const members = [start];
    for (const here of members)
      for (const other of left)
        if (here.imageId !== other.imageId && near(here, other)) {
          left.delete(other);
          members.push(other);
        }
    clusters.push(members);
  }
  return clusters;
}
