import type { ScanProfile } from '../domain/scan-profile.js';
import type { Condition } from './calibration.js';

/** An image counts in full from so many tiles on: neighbouring tiles tell much the same. */
const FULL_TILES = 1000;
/**
 * What is known from images a step less near counts like so many images: few images move a cell little, and a
 * cell without any has what the next wider surroundings have (partial pooling).
 */
const POOLING_IMAGES = 3;
/** Standard deviations of nearness, from wide to narrow: incidence in degrees, contrast as a logarithm. */
const INCIDENCE_WIDTHS = [20, 10, 5];
const CONTRAST_WIDTHS = [1, 0.5];

/**
 * Shares of images at a place, adding up to 1: all of them alike at first, then drawn step by step towards those
 * that are nearer in incidence, then in contrast.
 *
 * @param place null = any.
 * @returns `near`: as how many images those at the place count.
 */
export function sharesAt(
  profiles: readonly ScanProfile[],
  place: Condition,
): { readonly shares: Float64Array; readonly near: number } {
  const own = profiles.map(({ tiles }) => Math.min(1, tiles / FULL_TILES));
  let near = sum(own);
  let shares = Float64Array.from(own, (weight) => weight / near);
  for (const [incidenceWidth, contrastWidth] of stepsTo(place)) {
    const weights = profiles.map(
      ({ incidenceDeg, contrast }, i) =>
        own[i]! *
        nearness(incidenceDeg, place.incidenceDeg, incidenceWidth, (degrees) => degrees) *
        nearness(contrast, place.contrast, contrastWidth, Math.log),
    );
    near = sum(weights);
    const parent = shares;
    shares = parent.map((share, i) => (weights[i]! + POOLING_IMAGES * share) / (near + POOLING_IMAGES));
  }
  return { shares, near };
}

function stepsTo({ incidenceDeg, contrast }: Condition): [number, number][] {
  const byIncidence = incidenceDeg === null ? [] : INCIDENCE_WIDTHS;
  const narrowest = byIncidence.at(-1) ?? Infinity;
  const byContrast = contrast === null ? [] : CONTRAST_WIDTHS;
  return [
    ...byIncidence.map((width): [number, number] => [width, Infinity]),
    ...byContrast.map((width): [number, number] => [narrowest, width]),
  ];
}

/** 1 at the place itself; an image of unknown light is near no known one. */
function nearness(
  value: number | null,
  place: number | null,
  width: number,
  scale: (value: number) => number,
): number {
  if (place === null || width === Infinity) return 1;
  if (value === null) return 0;
  return Math.exp(-0.5 * ((scale(value) - scale(place)) / width) ** 2);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
