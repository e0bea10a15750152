import { HEIGHT_SIGMA_M, ROUND_95, radius95 } from './uncertainty.js';

/**
 * What NAC images placed with reconstructed orbit and pointing differ from the Moon, as a 95 % radius: "a
 * geodetic accuracy better than 20 meters" (Speyerer et al. 2016, Space Science Reviews 200, 357-392).
 */
const POINTING_M = 20;

/** NAIF id of IAU_MOON, the Moon's frame by a formula instead of by an ephemeris. */
const IAU_MOON = 10020;

/** Most that IAU_MOON lies off the mean-Earth frame (NAIF, Lunar coordinate frames tutorial). */
const IAU_MOON_M = 155;

/** How far height that is not known may move a place by a camera on the sphere alone, metres (standard deviation). */
export function shiftOnSphereM(emission: number): number {
  return (HEIGHT_SIGMA_M * Math.sqrt(Math.max(0, 1 - emission * emission))) / emission;
}

/**
 * Radius in metres that holds the true place 95 times of 100, of a place from a camera model: pointing and orbit,
 * half of the peak's size, and what is not known of the height, which moves a place in the direction of view alone.
 * The camera model itself is exact to centimetres beside them.
 * @param shiftM standard deviation of that move, metres: on the sphere `shiftOnSphereM`, on terrain the error of its
 *   heights times `shiftPerMetre`
 * @param peakSizeM diameter of the object's peak, metres
 * @param frame NAIF id of the body-fixed frame
 */
export function cameraUncertaintyM(shiftM: number, peakSizeM: number, frame: number): number {
  const pointing = Math.hypot(POINTING_M, frame === IAU_MOON ? IAU_MOON_M : 0) / ROUND_95;
  const round = pointing ** 2 + (peakSizeM / 4) ** 2;
  return radius95(Math.sqrt(round + shiftM * shiftM), Math.sqrt(round));
}
