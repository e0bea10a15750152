/**
 * Columns of a NAC image that saw the Moon: the first 64 and last 40 of 5064 samples are masked or
 * transition pixels of the detector, half as many when pairs were summed (2532). Images of any other
 * width (crops, other sources) are wholly valid.
 *
 * @returns half-open range of samples.
 */
export function validColumns(width: number): { from: number; to: number } {
  if (width === 5064) return { from: 64, to: 5024 };
  if (width === 2532) return { from: 32, to: 2512 };
  return { from: 0, to: width };
}
