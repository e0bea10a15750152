import type { Body, Part } from './hardware.js';
import type { Light } from './light.js';
import type { Site } from './placement.js';
import type { RandomStream } from './random.js';

/** Longest shadow of a lander, mean pixels. */
const LONGEST_SHADOW = 16;

/**
 * A descent stage or a lander: a main body of `size` mean pixels, with pieces that break its outline, 1.5 to
 * 3 times as bright as the ground around.
 */
export function landerAt(site: Site, size: number, random: RandomStream, light: Light): Body {
  const radiance = site.around * random.between(1.5, 3);
  const height = Math.min(size * random.between(0.45, 0.95), LONGEST_SHADOW / light.tan);
  const turn = random.between(0, Math.PI);
  const main = part(random, turn, 0, 0, size * random.between(0.36, 0.44), height, radiance);
  const deck = part(
    random,
    turn,
    size * random.between(-0.12, 0.12),
    size * random.between(-0.12, 0.12),
    size * random.between(0.15, 0.28),
    height * random.between(1, 1.08),
    radiance * random.between(0.9, 1.2),
  );
  const extra = Array.from({ length: random.integer(2, 4) }, () => {
    const angle = random.between(0, 2 * Math.PI);
    const half = size * random.between(0.1, 0.2);
    const away = size / 2 - half;
    return part(
      random,
      turn + random.between(-0.5, 0.5),
      away * Math.cos(angle),
      away * Math.sin(angle),
      half,
      height * random.between(0.25, 1),
      radiance * random.between(0.5, 1.35),
    );
  });
  return { x: site.x, y: site.y, radius: size * 0.72, parts: [main, deck, ...extra] };
}

/** A rover: one small box, 1 to 3 mean pixels. */
export function roverAt(site: Site, size: number, random: RandomStream, light: Light): Body {
  const height = Math.min(size * random.between(0.5, 0.9), LONGEST_SHADOW / light.tan);
  const radiance = site.around * random.between(1.6, 2.8);
  const turn = random.between(0, Math.PI);
  return {
    x: site.x,
    y: site.y,
    radius: size,
    parts: [part(random, turn, 0, 0, size / 2, height, radiance)],
  };
}

/** Scattered pieces of foil and structure within `size` mean pixels, lying flat. */
export function debrisAt(site: Site, size: number, random: RandomStream): Body {
  const parts = Array.from({ length: random.integer(2, 4) }, (_, n) => {
    const angle = random.between(0, 2 * Math.PI);
    const away = n === 0 ? 0 : random.between(0.2, 0.4) * size;
    return part(
      random,
      random.between(0, Math.PI),
      away * Math.cos(angle),
      away * Math.sin(angle),
      random.between(0.4, 0.8),
      0.15,
      site.around * random.between(1.8, 3.2),
    );
  });
  return { x: site.x, y: site.y, radius: size / 2 + 1, parts };
}

function part(
  random: RandomStream,
  turn: number,
  dx: number,
  dy: number,
  half: number,
  height: number,
  radiance: number,
): Part {
  return {
    dx,
    dy,
    halfLength: half,
    halfWidth: half * random.between(0.65, 1),
    axisX: Math.cos(turn),
    axisY: Math.sin(turn),
    round: random.chance(0.3),
    height,
    radiance,
  };
}
