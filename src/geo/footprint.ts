import type { GroundModel, LonLat } from '../domain/geometry.js';
import type { ImageSize } from './isd-checks.js';

/** Places on a side of the grid that an image is covered with, at most. */
const MAX_SIDE = 2048;

/** Places of an image, its edges among them, of which two neighbours are at most so far apart, metres. */
export function footprintPlaces(model: GroundModel, { width, height }: ImageSize, stepM: number): LonLat[] {
  const { acrossM, alongM } = model.pixelSize({ sample: width / 2, line: height / 2 });
  const across = Math.min(MAX_SIDE, Math.ceil((width * acrossM) / stepM));
  const along = Math.min(MAX_SIDE, Math.ceil((height * alongM) / stepM));
  const places: LonLat[] = [];
  for (let i = 0; i <= along; i++)
    for (let j = 0; j <= across; j++) {
      const { lon, lat } = model.locate({ sample: (width * j) / across, line: (height * i) / along }, 0);
      places.push({ lon, lat });
    }
  return places;
}
