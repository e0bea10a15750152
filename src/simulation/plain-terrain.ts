import { planScene } from './scene.js';
import type { TerrainKind } from './terrain.js';

/** A synthetic picture of ground without hardware, and its light. */
export interface PlainTerrain {
  readonly name: string;
  readonly terrain: TerrainKind;
  readonly width: number;
  readonly height: number;
  /** One byte a pixel. */
  readonly pixels: Uint8Array;
  /** Direction towards the Sun, degrees clockwise from up. */
  readonly towardsSunDeg: number;
  readonly incidenceDeg: number;
}

/** Lighting of the scenes: as far as scans go by default. */
export const PLAIN_INCIDENCES = [20, 30, 40, 50, 60, 70, 80] as const;
const SIDE = 1024;
/** The golden angle: no two scenes are lit alike. */
const TURN_DEG = 137.508;

/**
 * Plain ground under every lighting, smooth and rugged, rendered one scene at a time.
 * @param seeds one pair of scenes of each lighting for each.
 */
export function* plainTerrains(seeds: readonly number[]): Generator<PlainTerrain> {
  for (const seed of seeds)
    for (const [n, incidenceDeg] of PLAIN_INCIDENCES.entries())
      for (const terrain of ['smooth', 'rugged'] as const) {
        const towardsSunDeg =
          (TURN_DEG * (2 * (seed * PLAIN_INCIDENCES.length + n) + (terrain === 'smooth' ? 0 : 1))) % 360;
        const angle = (towardsSunDeg * Math.PI) / 180;
        const scene = planScene({
          seed: 1000 * seed + incidenceDeg + (terrain === 'smooth' ? 0 : 1),
          lines: SIDE,
          samples: SIDE,
          terrain,
          towardsSun: { x: Math.sin(angle), y: -Math.cos(angle) },
          incidenceDeg,
          pixelAcrossM: 1,
          pixelAlongM: 1,
          frame: 'LEFT',
          landers: 0,
        });
        yield {
          name: `synthetic-${terrain}-${incidenceDeg}-${seed}`,
          terrain,
          width: SIDE,
          height: SIDE,
          pixels: scene.render(0, SIDE),
          towardsSunDeg,
          incidenceDeg,
        };
      }
}
