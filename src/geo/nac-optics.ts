import { isdError, type Isd } from './isd-schema.js';

/** Writes the direction of a detector sample in the camera's frame: x, y and the focal length, mm. */
export type Optics = (sample: number, out: Float64Array) => void;

/**
 * Optics of a NAC: position on the detector, in the focal plane, and free of distortion.
 *
 * The one line of detectors lies along y. `focal2pixel_*` give detector lines and samples of a place in the focal
 * plane (pixels, pixels per mm), so their 2 x 2 matrix is inverted. The distortion pulls y alone,
 * y / (1 + k y^2) with k = 1.81e-5 per mm^2: 14 pixels at the ends of the line (LROC frame kernel, `OD_K`).
 * @throws InvalidProductError when the focal plane's matrix cannot be inverted
 */
export function nacOptics(isd: Isd): Optics {
  const [lines0, lx, ly] = isd.focal2pixel_lines;
  const [samples0, sx, sy] = isd.focal2pixel_samples;
  const determinant = lx * sy - ly * sx;
  if (!(Math.abs(determinant) > 1e-6))
    throw isdError('and focal2pixel_lines have no inverse', 'focal2pixel_samples');
  const focal = isd.focal_length_model.focal_length;
  const k = isd.optical_distortion.lrolrocnac.coefficients[0] ?? 0;
  const line = isd.starting_detector_line - isd.detector_center.line - lines0;
  return (sample, out) => {
    const s =
      sample * isd.detector_sample_summing +
      isd.starting_detector_sample -
      isd.detector_center.sample -
      samples0;
    const y = (lx * s - sx * line) / determinant;
    out[0] = (sy * line - ly * s) / determinant;
    out[1] = y / (1 + k * y * y);
    out[2] = focal;
  };
}
