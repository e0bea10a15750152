/** Score at which the warmest colour is reached; the palest is at 3: one tile in a thousand. */
const LOW = 3;
const HIGH = 10;

/** Pale yellow over orange to red: also told apart by brightness and size. */
const RAMP = [
  [255, 232, 158],
  [255, 193, 79],
  [255, 138, 50],
  [255, 77, 64],
] as const;

export const KNOWN_COLOUR = 'rgb(87 214 255)';
export const FIND_COLOUR = 'rgb(111 224 150)';
/** Reviewed and no find. */
export const PASSED_COLOUR = 'rgb(140 148 162 / 70%)';

function share(score: number): number {
  return Math.max(0, Math.min(1, (score - LOW) / (HIGH - LOW)));
}

export function scoreColour(score: number): string {
  const at = share(score) * (RAMP.length - 1);
  const i = Math.min(Math.floor(at), RAMP.length - 2);
  const mixed = [0, 1, 2].map((c) => {
    const [from, to] = [RAMP[i]?.[c] ?? 0, RAMP[i + 1]?.[c] ?? 0];
    return Math.round(from + (at - i) * (to - from));
  });
  return `rgb(${mixed.join(' ')})`;
}

/** Radius of a detection's mark in pixels. */
export function scoreRadius(score: number): number {
  return 4 + 4 * share(score);
}
