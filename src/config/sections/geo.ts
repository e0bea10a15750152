import { z } from 'zod';
import { key, number } from '../key.js';

/** The ground that pixels are placed on. */
export const geo = z.strictObject({
  dem: key(z.string().default(''), {
    description:
      'GeoTIFF with heights over the lunar sphere (LOLA, SLDEM2015 …; degrees, equirectangular or polar stereographic) on which pixels are placed; where it has none, and when empty, they are placed on the sphere.',
    results: true,
  }),
  dem_sigma_m: key(number(0, 5000, 10), {
    description: 'Standard deviation of the error of geo.dem, which enters the uncertainty of places.',
    unit: 'm',
    results: true,
  }),
  dem_scale: key(number(0.000001, 1_000_000, 1), {
    description:
      'Metres for each unit of height in geo.dem, beside the scale and unit that it names itself; 1000 for kilometres that it does not name.',
    results: true,
  }),
});
