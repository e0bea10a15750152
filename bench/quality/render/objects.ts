import type { Random } from '../../../src/domain/random.js';
import { box, cross, ellipsoid, prism, unit, type Solid, type Vector } from './solid.js';

/** Solids of one object around the origin, and how high it stands, px. */
export interface Body {
  readonly solids: readonly Solid[];
  readonly height: number;
}

const UP: Vector = { x: 0, y: 0, z: 1 };

/**
 * A descent stage on four legs: an octagonal body, often a second stage, panels, tanks or a mast on it.
 *
 * @param across the body's width without legs and panels, px
 * @param tallest height that nothing exceeds, px
 */
export function lander(across: number, tallest: number, random: Random): Body {
  const turn = random.uniform() * Math.PI;
  const height = Math.min(tallest, across * between(0.4, 1, random));
  const clear = 0.18 * height;
  const upper = random.uniform() < 0.6;
  const deck = upper ? between(0.5, 0.75, random) * height : height;
  const foil = logBetween(1.5, 3, random);
  const solids: Solid[] = [
    prism(random.uniform() < 0.5 ? 8 : 4, 0.46 * across, clear, deck, turn, foil),
    ...legs(across, deck, turn, foil),
  ];
  if (upper) {
    const wide = between(0.4, 0.75, random) * 0.5 * across;
    solids.push(
      prism(
        random.uniform() < 0.5 ? 6 : 16,
        wide,
        deck,
        height,
        turn + 0.3,
        foil * between(0.7, 1.4, random),
      ),
    );
  }
  if (random.uniform() < 0.5) solids.push(...panels(across, deck, turn, logBetween(0.4, 1, random), random));
  if (random.uniform() < 0.5) {
    const angle = random.uniform() * 2 * Math.PI;
    const at = { x: 0.3 * across * Math.cos(angle), y: 0.3 * across * Math.sin(angle), z: deck };
    const radius = between(0.1, 0.18, random) * across;
    solids.push(ellipsoid(at, { x: radius, y: radius, z: Math.min(radius, height - deck + 0.1) }, foil));
  }
  return { solids, height };
}

/** A box on wheels with a panel over it. */
export function rover(across: number, tallest: number, random: Random): Body {
  const turn = random.uniform() * Math.PI;
  const height = Math.min(tallest, across * between(0.4, 0.8, random));
  const [u, v] = turned(turn);
  const albedo = logBetween(1.2, 3, random);
  const solids = [
    box({ x: 0, y: 0, z: 0.55 * height }, [u, v, UP], [0.4 * across, 0.26 * across, 0.25 * height], albedo),
    box(
      { x: 0, y: 0, z: 0.9 * height },
      [u, v, UP],
      [0.5 * across, 0.3 * across, 0.08 * height],
      logBetween(0.5, 2, random),
    ),
  ];
  for (const side of [-1, 1]) {
    const at = { x: side * 0.34 * across * v.x, y: side * 0.34 * across * v.y, z: 0.2 * height };
    solids.push(box(at, [u, v, UP], [0.45 * across, 0.08 * across, 0.2 * height], 0.5));
  }
  return { solids, height };
}

/** Flat pieces of 0.5 to 1.5 px scattered over `spread` px, each brighter or darker than the ground. */
export function debris(spread: number, random: Random): Body {
  const pieces = 3 + random.integer(7);
  const solids = Array.from({ length: pieces }, () => {
    const angle = random.uniform() * 2 * Math.PI;
    const distance = spread * Math.sqrt(random.uniform());
    const [u, v] = turned(random.uniform() * Math.PI);
    const thick = between(0.03, 0.12, random);
    const albedo = random.uniform() < 0.6 ? logBetween(1.3, 3, random) : between(0.3, 0.7, random);
    return box(
      { x: distance * Math.cos(angle), y: distance * Math.sin(angle), z: thick },
      [u, v, UP],
      [between(0.25, 0.75, random), between(0.25, 0.75, random), thick],
      albedo,
    );
  });
  return { solids, height: 0.24 };
}

/** A natural block: rounded lumps of the ground's own stuff, half sunk into it. */
export function boulder(across: number, tallest: number, random: Random): Body {
  const height = Math.min(tallest, across * between(0.3, 0.7, random));
  const albedo = between(0.9, 1.1, random);
  const lumps = 2 + random.integer(3);
  const solids = Array.from({ length: lumps }, (_, i) => {
    const radius = (i === 0 ? 0.5 : between(0.25, 0.4, random)) * across;
    const angle = random.uniform() * 2 * Math.PI;
    const away = i === 0 ? 0 : between(0.1, 0.25, random) * across;
    return ellipsoid(
      { x: away * Math.cos(angle), y: away * Math.sin(angle), z: 0.1 * height },
      {
        x: radius * between(0.8, 1, random),
        y: radius * between(0.8, 1, random),
        z: (i === 0 ? 0.9 : between(0.6, 0.9, random)) * height,
      },
      albedo,
    );
  });
  return { solids, height };
}

function legs(across: number, deck: number, turn: number, albedo: number): Solid[] {
  return Array.from({ length: 4 }, (_, i) => {
    const angle = turn + Math.PI / 4 + (i * Math.PI) / 2;
    const out = { x: Math.cos(angle), y: Math.sin(angle), z: 0 };
    const top = { x: 0.45 * across * out.x, y: 0.45 * across * out.y, z: 0.7 * deck };
    const foot = { x: 0.72 * across * out.x, y: 0.72 * across * out.y, z: 0 };
    const along = unit({ x: foot.x - top.x, y: foot.y - top.y, z: foot.z - top.z });
    const side = { x: -out.y, y: out.x, z: 0 };
    const centre = { x: (top.x + foot.x) / 2, y: (top.y + foot.y) / 2, z: (top.z + foot.z) / 2 };
    const length = Math.hypot(foot.x - top.x, foot.y - top.y, foot.z - top.z) / 2;
    const thick = 0.03 * across;
    return box(centre, [along, side, cross(along, side)], [length, thick, thick], albedo);
  });
}

/** A wing on either side, tilted towards nothing in particular. */
function panels(across: number, deck: number, turn: number, albedo: number, random: Random): Solid[] {
  const [u, v] = turned(turn);
  const tilt = between(-0.5, 0.5, random);
  const across2 = { x: v.x * Math.cos(tilt), y: v.y * Math.cos(tilt), z: Math.sin(tilt) };
  const length = between(0.2, 0.35, random) * across;
  const wide = between(0.2, 0.4, random) * across;
  return [-1, 1].map((side) =>
    box(
      {
        x: side * (0.46 * across + length) * u.x,
        y: side * (0.46 * across + length) * u.y,
        z: Math.max(0.8 * deck, wide * Math.abs(Math.sin(tilt))),
      },
      [u, across2, cross(u, across2)],
      [length, wide, 0.02 * across],
      albedo,
    ),
  );
}

function turned(angle: number): [Vector, Vector] {
  return [
    { x: Math.cos(angle), y: Math.sin(angle), z: 0 },
    { x: -Math.sin(angle), y: Math.cos(angle), z: 0 },
  ];
}

export function between(low: number, high: number, random: Random): number {
  return low + (high - low) * random.uniform();
}

export function logBetween(low: number, high: number, random: Random): number {
  return low * (high / low) ** random.uniform();
}
