import type { PixelVector } from '../domain/geometry.js';
import type { TerrainKind } from './terrain.js';

export interface SceneSpec {
  /** Any integer; everything in the scene follows from it and the other fields. */
  readonly seed: number;
  readonly lines: number;
  readonly samples: number;
  readonly terrain: TerrainKind;
  /** Unit vector in image coordinates that points towards the Sun, in pixels. */
  readonly towardsSun: PixelVector;
  /** Degrees from the vertical, 0 to below 90. */
  readonly incidenceDeg: number;
  readonly pixelAcrossM: number;
  readonly pixelAlongM: number;
  /** Which NAC: it decides where the dark detector columns lie in full-width images. */
  readonly frame: 'LEFT' | 'RIGHT';
  /** Number of landers to plant. */
  readonly landers: number;
}
