import { createRandom, type Random } from '../../src/domain/random.js';
import { sunAzimuthDeg } from '../../src/geo/sphere.js';
import { GroundFits } from '../../src/sites/ground-fits.js';
import { alike, sunOver } from '../../src/sites/light.js';
import { makeSite } from '../../src/sites/make-site.js';
import type { SiteOptions } from '../../src/sites/site-options.js';
import type { ImageLink } from '../../src/sites/adjust.js';
import { clustersOf, detectionsOf, scanOf, type LabelledDetection } from './association.js';
import { observe, type TrueObject } from './observe.js';
import type { RenderedImage, RenderedPlace } from './rendered-place.js';

/** What an object of the change test is. */
export type ChangeKind = 'lander' | 'crater' | 'lasting' | 'shadow';

export interface ChangeCount {
  /** Objects that were found at least once. */
  readonly objects: number;
  /** Those of them that a site reports as a change. */
  readonly changes: number;
  /** For objects that came: those that were looked at before under a light like one that showed them afterwards. */
  readonly comparable: number;
}

/** New things come after this many images. */
export const BEFORE = 10;
/** Scores of one thing differ from image to image by so much, one standard deviation. */
const SCORE_SIGMA = 0.5;
/** What a shadow's score loses with each degree that the Sun stands higher, or comes from farther round. */
const SHORTER = 0.25;
const TURNED = 0.08;

/**
 * Landers and craters that come in the middle of a series, things that stand there all the time, and shadows that
 * show under a low Sun from one side alone.
 */
export function changeObjects(
  each: number,
  half: { readonly x: number; readonly y: number },
  random: Random,
): { readonly kind: ChangeKind; readonly object: TrueObject }[] {
  const place = () => ({ x: (2 * random.uniform() - 1) * half.x, y: (2 * random.uniform() - 1) * half.y });
  const score = (mean: number) => mean + SCORE_SIGMA * random.normal();
  const lander = (): TrueObject => ({
    place: place(),
    sizeM: 6,
    score: (_, index) => (index < BEFORE ? null : score(6)),
  });
  // A bowl shows by its shade: not under a high Sun.
  const crater = (): TrueObject => ({
    place: place(),
    sizeM: 12,
    score: (image, index) => (index < BEFORE || image.incidenceDeg < 25 ? null : score(5.5)),
  });
  const lasting = (): TrueObject => ({ place: place(), sizeM: 6, score: () => score(5.5) });
  // A hollow's shadow: it scores less as the Sun climbs, and as it comes from another side.
  const shadow = (): TrueObject => {
    const from = 45 + 10 * random.uniform();
    const side = (random.uniform() < 0.5 ? 70 : 290) + 20 * random.normal();
    return {
      place: place(),
      sizeM: 8,
      score: (image) => {
        const turn = Math.abs(((azimuthOf(image) - side + 540) % 360) - 180);
        const least =
          score(5.5) - SHORTER * Math.max(0, from - image.incidenceDeg) - TURNED * Math.max(0, turn - 30);
        return least < 1 ? null : least;
      },
    };
  };
  const makers = { lander, crater, lasting, shadow };
  return (Object.keys(makers) as ChangeKind[]).flatMap((kind) =>
    Array.from({ length: each }, () => ({ kind, object: makers[kind]() })),
  );
}

function azimuthOf(image: RenderedImage): number {
  return sunAzimuthDeg(image.overview.lattice.places[0]!, image.subSolar);
}

/** Runs the change test on a rendered place. */
export async function countChanges(
  place: RenderedPlace,
  links: readonly ImageLink[],
  objects: readonly { readonly kind: ChangeKind; readonly object: TrueObject }[],
  chanceFindings: number,
  seed: number,
  options: SiteOptions,
): Promise<Record<ChangeKind | 'chance', ChangeCount>> {
  const things = objects.map(({ object }) => object);
  const seen = place.images.map((image, i) =>
    observe(image, i, things, chanceFindings, createRandom(seed + i)),
  );
  let pk = 1;
  const scans = place.images.map((image, i) => scanOf(image, seen[i]!, i + 1));
  const detections = place.images.flatMap((image, i): LabelledDetection[] => {
    const found = detectionsOf(image, seen[i]!, pk);
    pk += found.length;
    return found;
  });
  const fits = new GroundFits(scans, links);
  const changed = new Set<number | null>();
  let chanceChanges = 0;
  let chance = 0;
  const clusters = await clustersOf(scans, detections, links, options);
  for (const members of clusters) {
    const site = makeSite(members, fits, options);
    if (members.every(({ object }) => object === null)) {
      chance++;
      if (site.change !== null) chanceChanges++;
    } else if (site.change !== null) {
      for (const { object } of members) changed.add(object);
    }
  }
  const found = new Set(detections.map(({ object }) => object));
  const count = (kind: ChangeKind): ChangeCount => {
    const its = objects.flatMap((one, i) => (one.kind === kind && found.has(i) ? [i] : []));
    return {
      objects: its.length,
      changes: its.filter((i) => changed.has(i)).length,
      comparable: its.filter((i) => wasComparable(place, detections, things[i]!, i, options)).length,
    };
  };
  return {
    lander: count('lander'),
    crater: count('crater'),
    lasting: count('lasting'),
    shadow: count('shadow'),
    chance: { objects: chance, changes: chanceChanges, comparable: chance },
  };
}

/** Whether an image before the first sighting covered the place under a light like that of one that shows it. */
function wasComparable(
  place: RenderedPlace,
  detections: readonly LabelledDetection[],
  object: TrueObject,
  number: number,
  { likeLight }: SiteOptions,
): boolean {
  const names = new Set(detections.filter((d) => d.object === number).map(({ imageId }) => imageId));
  const sights = place.images.filter(({ imageId }) => names.has(imageId));
  const first = Math.min(...sights.map(({ observedAt }) => observedAt.getTime()));
  const { center } = place.projection;
  const sun = (image: RenderedImage) => sunOver(center, image.subSolar, image.incidenceDeg);
  const covers = (image: RenderedImage) => {
    const { sample, line } = image.pixelOf(object.place);
    return sample > 0 && line > 0 && sample < image.overview.samples && line < image.overview.lines;
  };
  return place.images
    .filter((image) => image.observedAt.getTime() < first && covers(image))
    .some((before) => sights.some((after) => alike(sun(before), sun(after), likeLight)));
}
