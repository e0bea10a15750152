import type { Histogram, ScanProfile } from '../domain/scan-profile.js';
import { positionsOf, type Calibration, type InputReference } from './calibration.js';
import { mixed, quantileBin, rounded, withPrior } from './mixture.js';
import { sharesAt } from './nearness.js';
import { BRIGHTNESS_BINS, CONTRAST_BINS, LEVELS_A_BIN } from './scan-profile.js';

const TENTHS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/** Limits between the tenths of brightness and contrast of plain images under a light; null = any. */
export function fitInputs(
  profiles: readonly ScanProfile[],
  incidenceDeg: number | null,
  prior: Calibration | null,
): InputReference {
  const { shares, near } = sharesAt(profiles, { incidenceDeg, contrast: null });
  const before = prior && inputsUnder(prior, incidenceDeg);
  const tenths = (of: 'brightness' | 'contrasts', bins: number, earlier: readonly number[] | undefined) => {
    const histogram = mixed(
      profiles.map((profile) => profile[of]),
      shares,
      bins,
    );
    return TENTHS.map((share, i) => {
      const value = inUnits[of](quantileBin(histogram, share));
      return rounded(earlier ? withPrior(value, near, earlier[i]!) : value);
    });
  };
  return {
    brightness: tenths('brightness', BRIGHTNESS_BINS, before?.brightness),
    contrast: tenths('contrasts', CONTRAST_BINS.bins, before?.contrast),
  };
}

/** What a calibration expects of an image under a light, interpolated over incidence. */
export function inputsUnder(
  { incidences, inputs }: Calibration,
  incidenceDeg: number | null,
): InputReference {
  const positions = positionsOf(incidences, incidenceDeg, (degrees) => degrees);
  const between = (of: keyof InputReference) =>
    TENTHS.map((_, i) => positions.reduce((sum, { at, weight }) => sum + weight * inputs[at]![of][i]!, 0));
  return { brightness: between('brightness'), contrast: between('contrast') };
}

/** Tenths of the image's own brightness and contrast. */
export function tenthsOf(profile: Pick<ScanProfile, 'brightness' | 'contrasts'>): InputReference {
  const tenths = (of: 'brightness' | 'contrasts', { first, counts }: Histogram) =>
    TENTHS.map((share) => inUnits[of](first + quantileBin(counts, share)));
  return {
    brightness: tenths('brightness', profile.brightness),
    contrast: tenths('contrasts', profile.contrasts),
  };
}

/** Places in a profile's histograms as grey levels and contrasts. */
const inUnits = {
  brightness: (bins: number): number => bins * LEVELS_A_BIN,
  contrasts: (bins: number): number => Math.exp(CONTRAST_BINS.from + bins * CONTRAST_BINS.step),
} as const;

/** The way back: grey levels and contrasts as places in a profile's histograms. */
export const placeIn = {
  brightness: (level: number): number => level / LEVELS_A_BIN,
  contrasts: (mad: number): number => (Math.log(mad) - CONTRAST_BINS.from) / CONTRAST_BINS.step,
} as const;
