/**
 * Sites of a place that 20 images show under as many Suns, with corners rounded as the archive's: registration on
 * rendered pixels, association by it against that by absolute uncertainty alone, and what is reported as a change.
 *
 * Usage: npm run bench -- sites [--images 20] [--lines 12288] [--seed 11] [--figure docs/sites/association.svg] [--json]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../../src/domain/random.js';
import { drawFigure } from '../../src/figures/draw-figure.js';
import { groundM } from '../../src/geo/sphere.js';
import { between } from '../../src/sites/associate.js';
import { GroundFits } from '../../src/sites/ground-fits.js';
import { SITE_OPTIONS } from '../../src/sites/site-options.js';
import { associationFigure, type AssociationPoint } from './association-figure.js';
import {
  clustersOf,
  detectionsOf,
  linkAll,
  qualityOf,
  scanOf,
  singleLinkage,
  type LabelledDetection,
} from './association.js';
import { changeObjects, countChanges } from './changes.js';
import { KEPT_SCORE, observe, type TrueObject } from './observe.js';
import { renderPlace } from './rendered-place.js';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '20' },
    lines: { type: 'string', default: '12288' },
    seed: { type: 'string', default: '11' },
    figure: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const [IMAGES, LINES, SEED] = [Number(values.images), Number(values.lines), Number(values.seed)];
const SAMPLES = 5064;
const CENTRE = { lon: 177.6, lat: -45.5 };
/** Twice what a budget of 50 makes of a whole strip: detections crowd. Half of them no other image has. */
const DETECTIONS = Math.round((2 * 50 * LINES) / 52_224);
const OBJECTS = Math.round((50 * LINES) / 12_288);
const AWAY = { across: 1200, along: 3000 };
const HALF = { x: SAMPLES / 2 + AWAY.across, y: LINES / 2 + AWAY.along };

const figures: Record<string, number> = {};
const lines: string[] = [];
const say = (line: string): void => {
  lines.push(line);
  if (!values.json) console.log(line);
};
const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
say(machine);

const place = renderPlace({
  seed: SEED,
  centre: CENTRE,
  terrain: 'smooth',
  images: IMAGES,
  samples: SAMPLES,
  lines: LINES,
  awayM: AWAY,
});
const { links, compared, milliseconds } = linkAll(place.images, CENTRE, SITE_OPTIONS.registerLightDeg);
figures['pairs_compared'] = compared;
figures['pairs_linked'] = links.length;
figures['ms_per_pair'] = Math.round(milliseconds / compared);
say(
  `${IMAGES} images of ${SAMPLES} x ${LINES}: ${compared} pairs under near light, ${links.length} linked, ${figures['ms_per_pair']} ms each`,
);

await associate();
await changes();
if (values.json) console.log(JSON.stringify({ bench: 'sites', machine, figures, ratios: {} }));

async function associate(): Promise<void> {
  const random = createRandom(SEED + 1);
  const objects = Array.from({ length: OBJECTS }, (): TrueObject => {
    const spot = { x: (2 * random.uniform() - 1) * HALF.x, y: (2 * random.uniform() - 1) * HALF.y };
    const usual = KEPT_SCORE - 0.5 + random.uniform();
    return { place: spot, sizeM: 6, score: () => usual + 0.8 * random.normal() };
  });
  const seen = place.images.map((image, i) =>
    observe(image, i, objects, Math.round(DETECTIONS / 2), createRandom(200 + i)),
  );
  let pk = 1;
  const scans = place.images.map((image, i) => scanOf(image, seen[i]!, i + 1));
  const detections = place.images.map((image, i): LabelledDetection[] => {
    const found = detectionsOf(image, seen[i]!, pk);
    pk += found.length;
    return found;
  });
  say(`${detections.flat().length} detections, ${detections.flat().filter(({ object }) => object !== null).length} of them of ${OBJECTS} lasting objects`); // prettier-ignore
  reportPairs(new GroundFits(scans, links), detections.flat());

  const absolute = { ...SITE_OPTIONS, radius: 1, chance: Infinity };
  const points: AssociationPoint[] = [];
  for (const count of [2, 5, 8, 12, 16, 20].filter((n) => n <= IMAGES)) {
    const [some, found] = [scans.slice(0, count), detections.slice(0, count).flat()];
    const methods = {
      'registered, complete linkage, chance gate': await clustersOf(some, found, links, SITE_OPTIONS),
      'absolute uncertainty, complete linkage': await clustersOf(some, found, [], absolute),
      'absolute uncertainty, single linkage': singleLinkage(
        found,
        (a, b) => groundM(a, b) <= Math.hypot(a.uncertaintyM, b.uncertaintyM),
      ),
    };
    for (const [method, clusters] of Object.entries(methods)) {
      const q = qualityOf(clusters);
      points.push({ method, images: count, purity: q.pairPurity, completeness: q.pairCompleteness });
      say(
        `${String(count).padStart(2)} images, ${method.padEnd(42)} pairs pure ${q.pairPurity.toFixed(3)} complete ${q.pairCompleteness.toFixed(3)}; ` +
          `sites of two or more ${q.sites}, pure ${q.sitePurity.toFixed(3)}, hold ${q.completeness.toFixed(3)} of their object`,
      );
      if (count !== IMAGES) continue;
      const key = method.startsWith('reg') ? 'registered' : method.endsWith('single linkage') ? 'absolute_single' : 'absolute_complete'; // prettier-ignore
      figures[`${key}_pair_purity`] = round(q.pairPurity);
      figures[`${key}_pair_completeness`] = round(q.pairCompleteness);
      figures[`${key}_site_purity`] = round(q.sitePurity);
      figures[`${key}_completeness`] = round(q.completeness);
    }
  }
  if (values.figure === undefined) return;
  const { svg, png } = await drawFigure(
    associationFigure(
      points,
      `${SAMPLES} x ${LINES} pixels of 1 m, corners rounded to 0.01°, ${DETECTIONS} detections an image`,
    ),
  );
  mkdirSync(dirname(values.figure), { recursive: true });
  writeFileSync(values.figure, svg);
  writeFileSync(values.figure.replace(/\.svg$/, '.png'), png);
}

/** How far apart two detections of one thing are, against what they may be. */
function reportPairs(fits: GroundFits, detections: readonly LabelledDetection[]): void {
  const pairs = detections.flatMap(
    (a, i) =>
    detections
      .slice(i + 1)
      .filter((b) => a.object !== null && a.object === b.object)
      .map((b) => ({ ...between(a, b, fits), absoluteM: groundM(a, b), may: Math.hypot(a.uncertaintyM, b.uncertaintyM) })), // prettier-ignore
  );
  const at = (numbers: readonly number[], share: number) =>
    [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length * share)] ?? NaN;
  const distances = pairs.map(({ distanceM }) => distanceM);
  const before = pairs.map(({ absoluteM }) => absoluteM);
  figures['true_pairs'] = pairs.length;
  figures['apart_before_median_m'] = round(at(before, 0.5));
  figures['apart_before_p95_m'] = round(at(before, 0.95));
  figures['apart_after_median_m'] = round(at(distances, 0.5));
  figures['apart_after_p95_m'] = round(at(distances, 0.95));
  figures['radius_before_median_m'] = round(at(pairs.map(({ may }) => may), 0.5)); // prettier-ignore
  figures['radius_after_median_m'] = round(at(pairs.map(({ radiusM }) => radiusM), 0.5)); // prettier-ignore
  figures['within_radius'] = round(pairs.filter((p) => p.distanceM <= p.radiusM).length / pairs.length);
  say(
    `${pairs.length} true pairs: apart by ${figures['apart_before_median_m']} m (median), ${figures['apart_before_p95_m']} m (95 %) by their index rows, ` +
      `${figures['apart_after_median_m']} m, ${figures['apart_after_p95_m']} m once registered; 95 % radius ${figures['radius_before_median_m']} m and ${figures['radius_after_median_m']} m; within it ${figures['within_radius']}`,
  );
}

async function changes(): Promise<void> {
  const objects = changeObjects(30, { x: HALF.x * 0.8, y: HALF.y * 0.8 }, createRandom(SEED + 2));
  const counts = await countChanges(place, links, objects, Math.round(DETECTIONS / 2), 900, SITE_OPTIONS);
  for (const [kind, { objects: count, changes: reported, comparable }] of Object.entries(counts)) {
    figures[`change_${kind}_objects`] = count;
    figures[`change_${kind}_comparable`] = comparable;
    figures[`change_${kind}_reported`] = reported;
    say(
      `${kind}: ${count} found, ${comparable} looked at before under like light, ${reported} reported as a change`,
    );
  }
}

function round(value: number): number {
  return Number(value.toFixed(value < 2 ? 4 : 1));
}
