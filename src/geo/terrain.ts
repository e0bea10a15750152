/** Heights of the Moon over its reference sphere about one image, held in memory. */
export interface Terrain {
  /** Metres over the sphere of 1737.4 km, bilinear between samples; NaN where it is not known. Degrees. */
  heightAt(lon: number, lat: number): number;
  /** Lowest and highest sample, metres. */
  readonly lowestM: number;
  readonly highestM: number;
  /** Ground distance of two samples, metres. */
  readonly spacingM: number;
  /** Standard deviation of the heights' error, metres. */
  readonly sigmaM: number;
}
