import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { PixelVector } from '../../src/domain/geometry.js';

/**
 * `rugged`: the median tile's spread (median absolute deviation over median) is above 0.1 of its level, which
 * comes of many small craters and low light; `smooth`: below. `boulders`: a field of them on impact melt.
 */
export type CropTerrain = 'rugged' | 'smooth' | 'boulders';

/** A real NAC crop and the direction its shadows fall, degrees clockwise on screen from +sample. */
interface Crop {
  readonly file: string;
  readonly shadowDeg: number;
  readonly terrain: CropTerrain;
  /**
   * Angles of the Sun from the vertical that its shadows allow: the share of craters' floors that are dark.
   * At 45-46 S it is never below 44.
   */
  readonly incidenceDeg: readonly [low: number, high: number];
}

const HARSH = [68, 78] as const;
const LOW = [60, 72] as const;
const HIGH = [46, 64] as const;

/**
 * Axes from the structure tensor of the crop (terrain without a grain has its steepest shading along the
 * Sun), senses by eye: a crater's lit wall is the one far from the Sun. On the boulder field the tensor
 * agrees with the boulders' own shadows within two degrees.
 */
export const CROPS: readonly Crop[] = [
  crop('M115143943_mosaic_train_small.png', 165, 'rugged', LOW),
  crop('M1155395732_mosaic_train_small.png', 176, 'rugged', HARSH),
  crop('M1183658592_mosaic_train_small.png', 158, 'smooth', HIGH),
  crop('M1229577647_mosaic_train_small.png', 148, 'rugged', HIGH),
  crop('M1231933714_mosaic_train_small.png', 175, 'rugged', HARSH),
  crop('M1266003170_mosaic_train_small.png', 34, 'rugged', HIGH),
  crop('M1275410097_mosaic_train_small.png', 163, 'rugged', LOW),
  crop('M134022629_mosaic_train_small.png', 13, 'rugged', LOW),
  crop('M143947267L_crop400_8bit_IoF0-0.27.png', 328, 'boulders', HIGH),
  crop('M161142858_mosaic_train_small.png', 156, 'smooth', HIGH),
  crop('M161149639_mosaic_train_small.png', 158, 'smooth', HIGH),
  crop('M180000082_mosaic_train_small.png', 8, 'rugged', HARSH),
  crop('M180007222_mosaic_train_small.png', 8, 'rugged', HARSH),
];

function crop(
  file: string,
  shadowDeg: number,
  terrain: CropTerrain,
  incidenceDeg: readonly [number, number],
): Crop {
  return { file, shadowDeg, terrain, incidenceDeg };
}

export interface Picture {
  readonly name: string;
  readonly terrain: CropTerrain;
  readonly incidenceDeg: readonly [low: number, high: number];
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  /** Unit vector away from the Sun. */
  readonly shadow: PixelVector;
}

/** Reads the crops; `null` where the data folder is absent. */
export async function readCrops(folder: string): Promise<Picture[] | null> {
  if (!existsSync(folder)) return null;
  return Promise.all(
    CROPS.map(async ({ file, shadowDeg, terrain, incidenceDeg }) => {
      const { data, info } = await sharp(`${folder}/${file}`)
        .toColourspace('b-w')
        .raw()
        .toBuffer({ resolveWithObject: true });
      return {
        name: file.split('_')[0]!,
        terrain,
        incidenceDeg,
        width: info.width,
        height: info.height,
        data: Uint8Array.from(data),
        shadow: turnedBy({ x: 1, y: 0 }, shadowDeg),
      };
    }),
  );
}

/** A direction in the image turned clockwise on screen. */
export function turnedBy({ x, y }: PixelVector, degrees: number): PixelVector {
  const angle = (degrees * Math.PI) / 180;
  return {
    x: x * Math.cos(angle) - y * Math.sin(angle),
    y: x * Math.sin(angle) + y * Math.cos(angle),
  };
}

/** The folder of real data beside the repository at `root`. */
export function dataFolder(root: string): string {
  return fileURLToPath(new URL('../shared/data/nac', `file://${root.endsWith('/') ? root : `${root}/`}`));
}
