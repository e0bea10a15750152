import { debrisAt, landerAt, roverAt } from './bodies.js';
import { litColumns } from './detector.js';
import type { Ground, Hardware } from './ground.js';
import type { Body, Mark } from './hardware.js';
import { Placement, type Site } from './placement.js';
import type { PlantedKind, PlantedObject } from './planted.js';
import { RandomStream } from './random.js';
import type { SceneSpec } from './scene-spec.js';

/** Pixels between landers, and between smaller things and all others. */
const LANDER_DISTANCE = 155;
const SMALL_DISTANCE = 75;
/** Craters that the truth names: the freshest ones of this diameter or more, in the first lines. */
const LISTED_CRATERS = 5;
const SMALLEST_LISTED = 30;
const CRATER_LINES = 8192;

/** Chooses places and shapes of a scene's hardware. @throws UsageError when there is no room for it. */
export function planHardware(
  spec: SceneSpec,
  ground: Ground,
): { hardware: Hardware; truth: PlantedObject[] } {
  const random = new RandomStream(spec.seed, 20);
  const placement = new Placement(ground, { ...litColumns(spec.samples, spec.frame), lines: spec.lines });
  const meanPixelM = Math.sqrt(spec.pixelAcrossM * spec.pixelAlongM);
  const bodies: Body[] = [];
  const marks: Mark[] = [];
  const truth: PlantedObject[] = [];
  const record = (kind: PlantedKind, place: { x: number; y: number }, sizePx: number): void => {
    truth.push({ kind, line: place.y, sample: place.x, sizePx, sizeM: sizePx * meanPixelM });
  };

  const landers: Site[] = [];
  for (let n = 0; n < spec.landers; n++) {
    const size = random.between(4, 9);
    const site = placement.find(random, size, LANDER_DISTANCE);
    landers.push(site);
    bodies.push(landerAt(site, size, random, ground.light));
    if (random.chance(0.5)) marks.push(...plume(site, random));
    record('lander', site, size);
  }
  for (const [n, lander] of landers.entries()) {
    const near = { x: lander.x, y: lander.y, inner: 80, outer: 140 };
    const chosen = n % 4;
    if (chosen === 0) {
      const size = random.between(1, 3);
      const site = attempt(() => placement.find(random, size, SMALL_DISTANCE, near));
      if (site === undefined) continue;
      bodies.push(roverAt(site, size, random, ground.light));
      record('rover', site, size);
      const line = wander(lander, site, random, size);
      marks.push(...tracksAlong(line, random));
      const middle = line[line.length >> 1]!;
      record('tracks', middle, Math.hypot(site.x - lander.x, site.y - lander.y));
    } else if (chosen === 1) {
      const size = random.between(3, 10);
      const site = attempt(() => placement.find(random, size, SMALL_DISTANCE, near));
      if (site === undefined) continue;
      bodies.push(debrisAt(site, size, random));
      record('debris', site, size);
    }
  }
  const frame = { x: 0, y: 0, width: spec.samples, height: Math.min(spec.lines, CRATER_LINES) };
  const craters = ground.freshCraters(frame, SMALLEST_LISTED).sort((a, b) => a.age - b.age);
  for (const crater of craters.slice(0, LISTED_CRATERS)) record('crater', crater, 2 * crater.radius);
  return { hardware: { bodies, marks }, truth };
}

/** Small things are left out where there is no room near their lander. */
function attempt(find: () => Site): Site | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

/** Ground that an engine's plume has brightened, and a darker patch below the engine. */
function plume(site: Site, random: RandomStream): Mark[] {
  const point = [{ x: site.x, y: site.y }];
  return [
    { points: point, width: random.between(10, 30), change: random.between(0.03, 0.1) },
    { points: point, width: random.between(4, 7), change: -random.between(0.02, 0.08) },
  ];
}

/** A winding way from a lander to a place, ending short of both. */
function wander(from: Site, to: Site, random: RandomStream, size: number): { x: number; y: number }[] {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const along = { x: (to.x - from.x) / length, y: (to.y - from.y) / length };
  const bend = random.between(-0.15, 0.15) * length;
  const wave = random.between(-0.06, 0.06) * length;
  const first = 8 / length;
  const last = 1 - (size + 1) / length;
  return Array.from({ length: 25 }, (_, n) => {
    const t = first + ((last - first) * n) / 24;
    const aside = bend * Math.sin(Math.PI * t) + wave * Math.sin(3 * Math.PI * t);
    return {
      x: from.x + along.x * length * t - along.y * aside,
      y: from.y + along.y * length * t + along.x * aside,
    };
  });
}

/** Two faint dark lines, 2 to 3.5 pixels apart. */
function tracksAlong(line: readonly { x: number; y: number }[], random: RandomStream): Mark[] {
  const half = random.between(1, 1.75);
  const change = -random.between(0.05, 0.12);
  return [-half, half].map((aside) => ({
    points: line.map((point, n) => {
      const a = line[Math.max(0, n - 1)]!;
      const b = line[Math.min(line.length - 1, n + 1)]!;
      const length = Math.hypot(b.x - a.x, b.y - a.y);
      return { x: point.x - ((b.y - a.y) / length) * aside, y: point.y + ((b.x - a.x) / length) * aside };
    }),
    width: 0.55,
    change,
  }));
}
