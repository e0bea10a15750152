import { createRandom, type Random } from '../../src/domain/random.js';
import type { PixelVector } from '../../src/domain/geometry.js';
import { GroundPicture, type Grey } from './render/ground.js';
import { renderBody, type Light } from './render/light.js';
import { between, boulder, debris, lander, logBetween, rover, type Body } from './render/objects.js';
import { tracks } from './render/tracks.js';

/** Classes of hardware that are looked for, and the natural blocks that must not be taken for them. */
export const HARDWARE = ['lander', 'rover', 'debris', 'tracks'] as const;
export type Hardware = (typeof HARDWARE)[number];
export type Kind = Hardware | 'large lander' | 'boulder';

/** Pictures of each kind that a crop is copied for. Which objects are drawn depends on the order of the kinds, too. */
export const ROUNDS: Readonly<Record<Kind, number>> = {
  lander: 2,
  'large lander': 1,
  rover: 1,
  debris: 1,
  tracks: 2,
  boulder: 1,
};

/** Longest shadow, px. */
const LONGEST_SHADOW = 16;
/** Distance between objects, px: no tile holds two, nor the shadow of another. */
const SPACING: Record<Kind, number> = {
  lander: 128,
  'large lander': 128,
  rover: 128,
  debris: 128,
  boulder: 128,
  tracks: 200,
};
/** Objects stay this far from the border, px. */
const BORDER = 40;
/** The camera looks down within this many degrees. */
const MOST_EMISSION = 8;

/** A thing drawn into a picture. */
export interface Injected {
  readonly kind: Kind;
  /** Where it stands; the middle of tracks. Pixel (0, 0) spans 0..1. */
  readonly x: number;
  readonly y: number;
  /** Width of a lander's or rover's body or a boulder, spread of debris, length of tracks, px. */
  readonly sizePx: number;
  readonly incidenceDeg: number;
}

/** A copy of a picture with objects of one kind. */
export interface InjectedPicture {
  readonly kind: Kind;
  readonly data: Uint8Array;
  readonly objects: readonly Injected[];
}

/** A picture and its light. */
export interface Scenery extends Grey {
  readonly name: string;
  readonly shadow: PixelVector;
  readonly incidenceDeg: readonly [low: number, high: number];
}

/**
 * Copies of a picture with objects of each kind, `rounds` of them, in the light of the picture: shadows fall
 * along its own direction, as long as level ground and a Sun height within its range make them.
 */
export function injectObjects(
  picture: Scenery,
  rounds: Readonly<Record<Kind, number>>,
  seed: number,
): InjectedPicture[] {
  const ground = new GroundPicture(picture);
  const kinds = Object.keys(rounds) as Kind[];
  return kinds.flatMap((kind, k) =>
    Array.from({ length: rounds[kind] }, (_, round) => {
      const random = createRandom(hash(`${picture.name} ${kind} ${round}`) ^ (seed * 7919 + k));
      const data = Uint8Array.from(picture.data);
      const objects = places(ground, SPACING[kind], random).map((place) =>
        inject(kind, place, picture, ground, data, random),
      );
      return { kind, data, objects };
    }),
  );
}

/**
 * One place in each cell of a raster, on lit and about level ground: where it is much darker or brighter than the
 * picture's median it slopes, and shadows would not be those of level ground.
 */
function places(ground: GroundPicture, spacing: number, random: Random): { x: number; y: number }[] {
  const found: { x: number; y: number }[] = [];
  const cells = (side: number): number => Math.max(1, Math.floor((side - 2 * BORDER) / spacing + 0.5));
  const columns = cells(ground.width);
  const rows = cells(ground.height);
  const [stepX, stepY] = [(ground.width - 2 * BORDER) / columns, (ground.height - 2 * BORDER) / rows];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const x = BORDER + (column + 0.5) * stepX + (random.uniform() - 0.5) * 0.25 * stepX;
      const y = BORDER + (row + 0.5) * stepY + (random.uniform() - 0.5) * 0.25 * stepY;
      const level = ground.level(x, y) / ground.median;
      if (level > 0.5 && level < 1.5) found.push({ x, y });
    }
  }
  return found;
}

function inject(
  kind: Kind,
  { x, y }: { x: number; y: number },
  picture: Scenery,
  ground: GroundPicture,
  data: Uint8Array,
  random: Random,
): Injected {
  const level = ground.level(x, y);
  const incidenceDeg = between(...picture.incidenceDeg, random);
  if (kind === 'tracks') {
    const made = tracks({ x, y }, ground, random);
    ground.place(data, made.rendering, level, random);
    return { kind, x, y, sizePx: made.lengthPx, incidenceDeg };
  }
  const emission = (between(0, MOST_EMISSION, random) * Math.PI) / 180;
  const azimuth = random.uniform() * 2 * Math.PI;
  const light: Light = {
    shadow: picture.shadow,
    incidenceDeg,
    towardsCamera: {
      x: Math.sin(emission) * Math.cos(azimuth),
      y: Math.sin(emission) * Math.sin(azimuth),
      z: Math.cos(emission),
    },
  };
  const tallest = LONGEST_SHADOW / Math.tan((incidenceDeg * Math.PI) / 180);
  const { sizePx, body } = makeBody(kind, tallest, random);
  const most = Math.max(1, ground.bright / Math.max(level, 1));
  ground.place(data, renderBody(body.solids, { x, y }, light, most), level, random);
  return { kind, x, y, sizePx, incidenceDeg };
}

function makeBody(
  kind: Exclude<Kind, 'tracks'>,
  tallest: number,
  random: Random,
): { sizePx: number; body: Body } {
  switch (kind) {
    case 'lander': {
      const sizePx = between(3, 10, random);
      return { sizePx, body: lander(sizePx, tallest, random) };
    }
    case 'large lander': {
      const sizePx = between(10, 16, random);
      return { sizePx, body: lander(sizePx, tallest, random) };
    }
    case 'rover': {
      const sizePx = between(1, 3, random);
      return { sizePx, body: rover(sizePx, tallest, random) };
    }
    case 'debris': {
      const sizePx = 2 * between(3, 10, random);
      return { sizePx, body: debris(sizePx / 2, random) };
    }
    case 'boulder': {
      const sizePx = logBetween(1.5, 9, random);
      return { sizePx, body: boulder(sizePx, tallest, random) };
    }
  }
}

/** FNV-1a. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
