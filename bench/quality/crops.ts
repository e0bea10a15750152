import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { PixelVector } from '../../src/domain/geometry.js';

/** A real NAC crop and the direction its shadows fall, degrees clockwise on screen from +sample. */
interface Crop {
  readonly file: string;
  readonly shadowDeg: number;
}

/**
 * Axes from the structure tensor of the crop (terrain without a grain has its steepest shading along the
 * Sun), senses by eye: a crater's lit wall is the one far from the Sun. On the boulder field the tensor
 * agrees with the boulders' own shadows within two degrees.
 */
export const CROPS: readonly Crop[] = [
  { file: 'M115143943_mosaic_train_small.png', shadowDeg: 165 },
  { file: 'M1155395732_mosaic_train_small.png', shadowDeg: 176 },
  { file: 'M1183658592_mosaic_train_small.png', shadowDeg: 158 },
  { file: 'M1229577647_mosaic_train_small.png', shadowDeg: 148 },
  { file: 'M1231933714_mosaic_train_small.png', shadowDeg: 175 },
  { file: 'M1266003170_mosaic_train_small.png', shadowDeg: 34 },
  { file: 'M1275410097_mosaic_train_small.png', shadowDeg: 163 },
  { file: 'M134022629_mosaic_train_small.png', shadowDeg: 13 },
  { file: 'M143947267L_crop400_8bit_IoF0-0.27.png', shadowDeg: 328 },
  { file: 'M161142858_mosaic_train_small.png', shadowDeg: 156 },
  { file: 'M161149639_mosaic_train_small.png', shadowDeg: 158 },
  { file: 'M180000082_mosaic_train_small.png', shadowDeg: 8 },
  { file: 'M180007222_mosaic_train_small.png', shadowDeg: 8 },
];

export interface Picture {
  readonly name: string;
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
    CROPS.map(async ({ file, shadowDeg }) => {
      const { data, info } = await sharp(`${folder}/${file}`)
        .toColourspace('b-w')
        .raw()
        .toBuffer({ resolveWithObject: true });
      const angle = (shadowDeg * Math.PI) / 180;
      const shadow = { x: Math.cos(angle), y: Math.sin(angle) };
      return {
        name: file.split('_')[0]!,
        width: info.width,
        height: info.height,
        data: Uint8Array.from(data),
        shadow,
      };
    }),
  );
}

/** The folder of real data beside the repository; `depth` folders lie between this file and its root. */
export function dataFolder(root: string): string {
  return fileURLToPath(new URL('../shared/data/nac', `file://${root.endsWith('/') ? root : `${root}/`}`));
}
