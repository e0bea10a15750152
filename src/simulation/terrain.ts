import type { Octave } from './relief.js';

export type TerrainKind = 'smooth' | 'rugged';

/** What sets one kind of terrain apart; lengths in mean pixels. */
export interface TerrainCharacter {
  /** Relief besides craters, amplitudes in mean pixels. */
  readonly relief: readonly Octave[];
  /** Changes of the albedo over distance. */
  readonly albedo: readonly Octave[];
  /** Craters larger than D per unit area: craterDensity * D^-2 (equilibrium: 0.079, Trask 1966). */
  readonly craterDensity: number;
  readonly largestCrater: number;
  /** Ages are OLDEST * u^agePower for uniform u: above 1 there are more fresh craters. */
  readonly agePower: number;
  /** Ratio of depth to diameter of a fresh crater, lowest and highest. */
  readonly freshDepth: readonly [number, number];
  /** Clusters of secondary craters per cell of the cluster grid. */
  readonly clusters: number;
  /** Boulders per unit area far from their sources. */
  readonly looseBoulders: number;
  /** Chance of a boulder field per cell of the boulder grid. */
  readonly boulderFields: number;
  /** Boulders thrown out by a fresh crater of diameter 100, scaled by the diameter. */
  readonly craterBoulders: number;
}

/** Spacings of the octaves; pairwise coprime. */
const SPACINGS = [3, 7, 13, 29, 61, 127, 251, 509];

/** Octaves whose slopes are `finest` at a spacing of 3 and grow by `growth` with each octave. */
function reliefOf(finest: number, growth: number): Octave[] {
  // A B-spline through uniform values of amplitude A has slopes of about 0.25 A / spacing.
  return SPACINGS.map((spacing, i) => ({ spacing, amplitude: 4 * spacing * finest * growth ** i }));
}

const ALBEDO_SPACINGS = [5, 17, 67, 239];

export const TERRAINS: Readonly<Record<TerrainKind, TerrainCharacter>> = {
  smooth: {
    relief: reliefOf(0.022, 0.92),
    albedo: ALBEDO_SPACINGS.map((spacing) => ({ spacing, amplitude: 0.04 })),
    craterDensity: 0.06,
    largestCrater: 400,
    agePower: 1.2,
    freshDepth: [0.11, 0.18],
    clusters: 0.25,
    looseBoulders: 2e-6,
    boulderFields: 0,
    craterBoulders: 20,
  },
  rugged: {
    relief: reliefOf(0.04, 1.02),
    albedo: ALBEDO_SPACINGS.map((spacing) => ({ spacing, amplitude: 0.06 })),
    craterDensity: 0.1,
    largestCrater: 500,
    agePower: 1.7,
    freshDepth: [0.14, 0.21],
    clusters: 0.5,
    looseBoulders: 2e-5,
    boulderFields: 0.2,
    craterBoulders: 90,
  },
};
