import type { Config } from '../config/schema.js';
import { openDem, type Dem } from '../geo/dem.js';

/**
 * The terrain of geo.dem; null where none is configured.
 * @throws OperationalError `dem` where it cannot be used
 */
export async function openTerrain({ geo }: Config): Promise<Dem | null> {
  return geo.dem === '' ? null : openDem(geo.dem, { sigmaM: geo.dem_sigma_m, scale: geo.dem_scale });
}
