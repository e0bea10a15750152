import { z } from 'zod';
import { integer, key, number } from '../key.js';

/** How an image is cut into tiles, and which tiles are masked. */
export const tiling = z.strictObject({
  size: key(z.literal(64).default(64), {
    description: 'Side of a tile; the model fixes it.',
    unit: 'px',
    results: true,
  }),
  stride_x: key(integer(8, 64, 32), {
    description: 'Horizontal step between tiles.',
    unit: 'px',
    results: true,
  }),
  stride_y: key(integer(8, 64, 32), {
    description: 'Vertical step between tiles.',
    unit: 'px',
    results: true,
  }),
  nodata_share: key(number(0, 1, 0.05), {
    description: 'Share of detector and null pixels above which a tile is masked.',
    results: true,
  }),
  extreme_share: key(number(0, 1, 0.75), {
    description: 'Share of saturated, or of fully shadowed, pixels above which a tile is masked.',
    results: true,
  }),
  shadow_level: key(integer(0, 64, 2), {
    description: 'Pixels up to this value are full shadow.',
    unit: 'DN',
    results: true,
  }),
});
