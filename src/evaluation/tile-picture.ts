import sharp from 'sharp';

/** Residual that gets the full colour; the same in all pictures, so that they compare. */
export const RESIDUAL_FULL_SCALE = 0.3;

const BRIGHTER = [178, 24, 43] as const;
const DARKER = [33, 102, 172] as const;

/** @param values 0..1, row by row @returns a grey PNG */
export function greyPicture(values: Float32Array, size: number): Promise<Buffer> {
  const pixels = Uint8Array.from(values, (value) => Math.round(255 * Math.min(Math.max(value, 0), 1)));
  return sharp(pixels, { raw: { width: size, height: size, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
}

/**
 * The error of a reconstruction with its sign: white where it is right, red where the tile is brighter, blue
 * where it is darker. A lit body with its shadow is a red spot beside a blue one.
 *
 * @param residual x - decode(z), row by row; NaN where there is no data, which is drawn white
 */
export function residualPicture(residual: Float32Array, size: number): Promise<Buffer> {
  const pixels = new Uint8Array(3 * residual.length);
  residual.forEach((value, i) => {
    const colour = value > 0 ? BRIGHTER : DARKER;
    const share = Number.isNaN(value) ? 0 : Math.min(Math.abs(value) / RESIDUAL_FULL_SCALE, 1);
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = Math.round(255 + share * (colour[c]! - 255));
  });
  return sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .png()
    .toBuffer();
}
