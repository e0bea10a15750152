import type { Octave } from './relief.js';

export type TerrainKind = 'smooth' | 'rugged';

/** What sets one kind of terrain apart; lengths in mean pixels. */
export interface TerrainCharacter {
  /** Relief besides craters, amplitudes in mean pixels. */
  readonly relief: readonly Octave[];
  /** Changes of the albedo over distance. */
  readonly albedo: readonly Octave[];
  /** Craters larger than D per unit area: craterDensity * D^-craterSlope (equilibrium: 0.079 D^-2, Trask 1966). */
  readonly craterDensity: number;
  readonly craterSlope: number;
  readonly largestCrater: number;
  /**
   * Ages are OLDEST * u^power for uniform u: above 1 there are more fresh craters. Powers of craters of
   * diameter 4 and below, and of 64 and above; small ones are sharper, as production outruns wear there.
   */
  readonly agePower: readonly [number, number];
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

const ALBEDO_SPACINGS = [11, 67, 239];

export const TERRAINS: Readonly<Record<TerrainKind, TerrainCharacter>> = {
  smooth: {
    relief: reliefOf(0.018, 0.8),
    albedo: ALBEDO_SPACINGS.map((spacing) => ({ spacing, amplitude: 0.025 })),
    craterDensity: 0.1,
    craterSlope: 2.7,
    largestCrater: 300,
    agePower: [1.8, 1],
    freshDepth: [0.15, 0.21],
    clusters: 0.15,
    looseBoulders: 2e-6,
    boulderFields: 0,
    craterBoulders: 20,
  },
  rugged: {
    relief: reliefOf(0.03, 0.86),
    albedo: ALBEDO_SPACINGS.map((spacing) => ({ spacing, amplitude: 0.04 })),
    craterDensity: 0.11,
    craterSlope: 2.3,
    largestCrater: 360,
    agePower: [2.6, 1.3],
    freshDepth: [0.15, 0.21],
    clusters: 0.4,
    looseBoulders: 1e-5,
    boulderFields: 0.1,
    craterBoulders: 30,
  },
};
