import { refuse } from './faults.js';
import { assertMoonTarget } from './label-target.js';

/** What a TIFF may say of the body that it shows. */
export interface Georeference {
  /** GeoTIFF keys by name. */
  readonly geoKeys: Readonly<Record<string, unknown>>;
  /** The XML of GDAL's metadata tag, or ''. */
  readonly gdalMetadata: string;
}

/** Bodies by the words that names of coordinate systems use: `GCS_Mars_2000`, `Mars2000_Sphere`, `WGS 84`. */
const BODIES: readonly (readonly [body: string, pattern: RegExp])[] = [
  ['the Moon', word('moon|lunar|luna')],
  ...['Mercury', 'Venus', 'Mars', 'Phobos', 'Deimos', 'Ceres', 'Vesta', 'Eros', 'Bennu', 'Ryugu']
    .concat('Io', 'Europa', 'Ganymede', 'Callisto', 'Titan', 'Enceladus', 'Pluto', 'Charon')
    .map((body) => [body, word(body)] as const),
  ['the Earth', word('earth|WGS[ _]*(19)?(84|72)|UTM|NAD[ _]*(19)?(27|83)|ETRS|GRS[ _]*(19)?80')],
];
/** Metres about the Moon's 1737.4 km within which a semi-major axis is the Moon's. */
const RADIUS_TOLERANCE_M = 5000;

/**
 * Passes when a TIFF's georeference is the Moon's, or tells nothing: the archive's files carry none.
 * Coordinate systems given by an EPSG code are the Earth's; those of the Moon are given by name or radius.
 *
 * @throws InvalidProductError `wrong_body`
 * @see OGC GeoTIFF 1.1, 7.5 (keys), annex B (codes)
 */
export function assertMoonGeoreference(name: string, { geoKeys, gdalMetadata }: Georeference): void {
  const other = bodyOfGeoKeys(geoKeys);
  if (other !== null && other !== 'the Moon') {
    throw refuse(
      'wrong_body',
      `${name} is georeferenced on ${other}, not on the Moon; give an image of the Moon or strip its georeference.`,
    );
  }
  for (const [, item, value] of gdalMetadata.matchAll(/<Item name="([^"]*)"[^>]*>([^<]*)</g)) {
    if (/^TARGET_?NAME$/i.test(item ?? '')) assertMoonTarget(`TARGET_NAME = "${value}"`, name);
  }
}

/** The body of a coordinate system as a noun, or null where the keys do not tell. */
export function bodyOfGeoKeys(keys: Readonly<Record<string, unknown>>): string | null {
  const citations = Object.entries(keys)
    .filter(([key, value]) => key.includes('Citation') && typeof value === 'string')
    .map(([, value]) => value)
    .join(' | ');
  // Codes of IAU_2015 begin with the body's NAIF number: 301 is the Moon, 499 Mars.
  const iau = /IAU(?:[_ ]\d+)?:(\d+)\d\d\b/i.exec(citations)?.[1];
  if (iau !== undefined) return iau === '301' ? 'the Moon' : `the body of NAIF number ${iau}`;
  const named = BODIES.find(([, pattern]) => pattern.test(citations));
  if (named) return named[0];

  const radius = keys['GeogSemiMajorAxisGeoKey'];
  if (typeof radius === 'number' && radius > 0) {
    if (Math.abs(radius - 1_737_400) <= RADIUS_TOLERANCE_M) return 'the Moon';
    return `a body with a radius of ${Math.round(radius / 1000)} km`;
  }
  const epsg = [keys['GeographicTypeGeoKey'], keys['ProjectedCSTypeGeoKey']].find(
    (code): code is number => typeof code === 'number' && code >= 1024 && code < 32767,
  );
  return epsg === undefined ? null : `the Earth (EPSG:${epsg})`;
}

/** One of the words, with no letter before or behind it; digits and underscores may follow. */
function word(alternatives: string): RegExp {
  return new RegExp(`(?<![a-z])(${alternatives})(?![a-z])`, 'i');
}
