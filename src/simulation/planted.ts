export const PLANTED_KINDS = ['lander', 'rover', 'debris', 'tracks', 'crater'] as const;
export type PlantedKind = (typeof PLANTED_KINDS)[number];

/** A thing of known place in a scene. */
export interface PlantedObject {
  readonly kind: PlantedKind;
  /** 0-based, pixel centre + 0.5: what covers only pixel (line 10, sample 20) is at 10.5, 20.5. */
  readonly line: number;
  readonly sample: number;
  /** Largest extent in mean pixels (geometric mean of the pixel's sides); length for tracks. */
  readonly sizePx: number;
  readonly sizeM: number;
}
