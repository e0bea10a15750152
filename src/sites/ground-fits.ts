import { localProjection, type LocalProjection, type PlanePoint } from '../geo/local-projection.js';
import { adjust, type Adjustment, type ImageLink } from './adjust.js';
import { cellCentre } from './ground-cells.js';
import { imageMap, type ImageMap } from './image-map.js';
import type { SiteDetection } from '../domain/site.js';
import type { SiteScan } from './site-data.js';

/**
 * Images in one adjustment at most: those observed first. A cell of ground has some 50 in the whole archive, at the
 * poles several hundred, and the cost grows with their third power.
 */
const MOST_IMAGES = 150;

/** How the images over one cell of ground lie. */
export interface GroundFit {
  readonly projection: LocalProjection;
  readonly scans: readonly SiteScan[];
  readonly adjustment: Adjustment;
  mapOf(imageId: string): ImageMap;
  /** A detection's place once its image is corrected. */
  placeOf(detection: SiteDetection): PlanePoint;
}

/**
 * Adjustments by cell of ground, each made when it is first asked for. One depends on the images over its cell and
 * their links alone, so that it is the same in every build, whatever else that build looks at.
 */
export class GroundFits {
  readonly #scansOf = new Map<number, SiteScan[]>();
  readonly #linksOf = new Map<string, ImageLink[]>();
  readonly #fits = new Map<number, GroundFit>();

  constructor(scans: readonly SiteScan[], links: readonly ImageLink[]) {
    for (const scan of scans) {
      for (const cell of scan.cells) {
        const there = this.#scansOf.get(cell);
        if (there === undefined) this.#scansOf.set(cell, [scan]);
        else there.push(scan);
      }
    }
    for (const link of links) {
      const there = this.#linksOf.get(link.a);
      if (there === undefined) this.#linksOf.set(link.a, [link]);
      else there.push(link);
    }
  }

  of(cell: number): GroundFit {
    let fit = this.#fits.get(cell);
    if (fit === undefined) this.#fits.set(cell, (fit = this.#make(cell)));
    return fit;
  }

  #make(cell: number): GroundFit {
    const scans = [...(this.#scansOf.get(cell) ?? [])].sort(
      (a, b) => a.observedAt.getTime() - b.observedAt.getTime() || (a.imageId < b.imageId ? -1 : 1),
    );
    const projection = localProjection(cellCentre(cell));
    const adjusted = scans.slice(0, MOST_IMAGES);
    const here = new Set(adjusted.map(({ imageId }) => imageId));
    const links = adjusted.flatMap(({ imageId }) =>
      (this.#linksOf.get(imageId) ?? []).filter(({ b }) => here.has(b)),
    );
    const adjustment = adjust(adjusted, links, projection);
    const maps = new Map<string, ImageMap>();
    return {
      projection,
      scans,
      adjustment,
      mapOf(imageId) {
        let map = maps.get(imageId);
        if (map === undefined) {
          map = imageMap(
            scans.find((scan) => scan.imageId === imageId)!,
            projection,
          );
          maps.set(imageId, map);
        }
        return map;
      },
      placeOf(detection) {
        const at = projection.forward(detection);
        const by = adjustment.correction(detection.imageId, detection);
        return { x: at.x + by.x, y: at.y + by.y };
      },
    };
  }
}
