import { element, type XmlNode } from './xml.js';

/**
 * The Moon's coordinate systems as QGIS keeps them in a project. QGIS looks at the `authid` only where a `srsid`
 * stands beside it, whatever its value, and falls back on the WKT where its PROJ does not know the name.
 */

/** SRID = IAU code: degrees; equirectangular around 0 and around 180; polar stereographic north and south. */
export type MoonSrid = 30100 | 30110 | 30115 | 30130 | 30135;

/** What a map lies in: besides the above, degrees of 30100 that run from 0 to 360, which have no code. */
export type MapCrs = MoonSrid | 'east360';

/**
 * What measures in a project whose map is in degrees. Not the name of the ellipsoid, IAU_2015:30100: with that
 * QGIS 3.22 measures NaN.
 */
export const MOON_ELLIPSOID = 'PARAMETER:1737400:1737400';

/**
 * What measures in a project whose map is in metres: the plane of the map. QGIS 3.22 takes a map's coordinates for
 * degrees wherever an ellipsoid is given by its axes.
 */
export const PLANE = 'NONE';

/** Whether the coordinates of a map are degrees. */
export function isInDegrees(crs: MapCrs): boolean {
  return crs === 30100 || crs === 'east360';
}

/** The ellipsoid by which a project measures right, or as right as its map. */
export function ellipsoidOf(crs: MapCrs): string {
  return isInDegrees(crs) ? MOON_ELLIPSOID : PLANE;
}

/**
 * The scale that QGIS 3.22 states for a map in degrees is of a sphere of 6,336.2 km, whatever the body: it is larger
 * than the Moon's by this.
 */
export const DEGREES_SCALE = 6336.2 / 1737.4;

/** Expression: the denominator of a map's scale on the Moon. */
export const MOON_SCALE = `(@map_scale / if(@map_crs_proj4 LIKE '+proj=longlat%', ${DEGREES_SCALE.toFixed(3)}, 1))`;

const DEGREE = 'ANGLEUNIT["degree",0.0174532925199433]';
const METRE = 'LENGTHUNIT["metre",1]';
const GEODETIC =
  `"Moon (2015) - Sphere / Ocentric",DATUM["Moon (2015) - Sphere",` +
  `ELLIPSOID["Moon (2015) - Sphere",1737400,0,${METRE}]],PRIMEM["Reference Meridian",0,${DEGREE}]`;

const FALSE_ORIGIN = `PARAMETER["False easting",0,${METRE}],PARAMETER["False northing",0,${METRE}]`;

interface Definition {
  readonly description: string;
  readonly acronym: string;
  readonly proj: string;
  readonly wkt: string;
}

const EAST_360 = '+proj=longlat +R=1737400 +lon_wrap=180 +no_defs';

const DEFINITIONS: Readonly<Record<MapCrs, Definition>> = {
  30100: {
    description: 'Moon (2015) - Sphere / Ocentric',
    acronym: 'longlat',
    proj: '+proj=longlat +R=1737400 +no_defs',
    wkt:
      `GEOGCRS[${GEODETIC},CS[ellipsoidal,2],AXIS["geodetic latitude (Lat)",north,ORDER[1],${DEGREE}],` +
      `AXIS["geodetic longitude (Lon)",east,ORDER[2],${DEGREE}],ID["IAU",30100,2015]]`,
  },
  east360: {
    description: 'Moon (2015) - Sphere / Ocentric, 0 to 360 degrees east',
    acronym: 'longlat',
    proj: EAST_360,
    // WKT has no word for where longitudes begin: PROJ reads that from the remark.
    wkt:
      `GEOGCRS[${GEODETIC},CS[ellipsoidal,2],AXIS["longitude",east,ORDER[1],${DEGREE}],` +
      `AXIS["latitude",north,ORDER[2],${DEGREE}],REMARK["PROJ CRS string: ${EAST_360}"]]`,
  },
  30110: equirectangular(30110, 0),
  30115: equirectangular(30115, 180),
  30130: polar(30130, 90, 'North Polar'),
  30135: polar(30135, -90, 'South Polar'),
};

/** As PROJ takes it. */
export function projText(srid: MapCrs): string {
  return DEFINITIONS[srid].proj;
}

/** The element that QGIS reads a coordinate system from. */
export function spatialRefSys(srid: MapCrs): XmlNode {
  const code = srid === 'east360' ? 0 : srid;
  const { description, acronym, proj, wkt } = DEFINITIONS[srid];
  return element(
    'spatialrefsys',
    {},
    element('wkt', {}, wkt),
    element('proj4', {}, proj),
    element('srsid', {}, code === 0 ? 0 : 1),
    element('srid', {}, code),
    element('authid', {}, code === 0 ? '' : `IAU_2015:${code}`),
    element('description', {}, description),
    element('projectionacronym', {}, acronym),
    element('ellipsoidacronym', {}, MOON_ELLIPSOID),
    element('geographicflag', {}, String(isInDegrees(srid))),
  );
}

/**
 * The Mercator projection of the Moon with its metre stretched so that the numbers are those of the Earth's web
 * maps: that is how tiles of lunar web maps (XYZ) lie.
 */
export function webMercatorOfTheMoon(): XmlNode {
  const stretch = 1_737_400 / 6_378_137;
  const wkt =
    `PROJCRS["Moon web Mercator",BASEGEOGCRS[${GEODETIC}],CONVERSION["Mercator",` +
    `METHOD["Mercator (variant A)",ID["EPSG",9804]],` +
    `${parameter('Latitude of natural origin', 0, DEGREE)},${parameter('Longitude of natural origin', 0, DEGREE)},` +
    `PARAMETER["Scale factor at natural origin",1,SCALEUNIT["unity",1]],${FALSE_ORIGIN}],` +
    `CS[Cartesian,2],AXIS["(E)",east,ORDER[1]],AXIS["(N)",north,ORDER[2]],` +
    `LENGTHUNIT["stretched metre",${stretch}]]`;
  return element(
    'spatialrefsys',
    {},
    element('wkt', {}, wkt),
    element('proj4', {}, `+proj=merc +lon_0=0 +k=1 +x_0=0 +y_0=0 +R=1737400 +to_meter=${stretch} +no_defs`),
    element('srsid', {}, 0),
    element('srid', {}, 0),
    element('authid', {}),
    element('description', {}, 'Moon web Mercator'),
    element('projectionacronym', {}, 'merc'),
    element('ellipsoidacronym', {}, MOON_ELLIPSOID),
    element('geographicflag', {}, 'false'),
  );
}

function parameter(name: string, value: number, unit: string): string {
  return `PARAMETER["${name}",${value},${unit}]`;
}

function projected(srid: number, name: string, conversion: string): string {
  return (
    `PROJCRS["Moon (2015) - Sphere / Ocentric / ${name}",BASEGEOGCRS[${GEODETIC},ID["IAU",30100,2015]],` +
    `CONVERSION["${name}",${conversion},${FALSE_ORIGIN}],CS[Cartesian,2],AXIS["(E)",east,ORDER[1],${METRE}],` +
    `AXIS["(N)",north,ORDER[2],${METRE}],ID["IAU",${srid},2015]]`
  );
}

function equirectangular(srid: number, lon: number): Definition {
  const name = `Equirectangular, clon = ${lon}`;
  return {
    description: `Moon (2015) - Sphere / Ocentric / ${name}`,
    acronym: 'eqc',
    proj: `+proj=eqc +lat_ts=0 +lat_0=0 +lon_0=${lon} +x_0=0 +y_0=0 +R=1737400 +units=m +no_defs`,
    wkt: projected(
      srid,
      name,
      `METHOD["Equidistant Cylindrical",ID["EPSG",1028]],` +
        `${parameter('Latitude of 1st standard parallel', 0, DEGREE)},` +
        parameter('Longitude of natural origin', lon, DEGREE),
    ),
  };
}

function polar(srid: number, lat: number, name: string): Definition {
  return {
    description: `Moon (2015) - Sphere / Ocentric / ${name}`,
    acronym: 'stere',
    proj: `+proj=stere +lat_0=${lat} +lon_0=0 +k=1 +x_0=0 +y_0=0 +R=1737400 +units=m +no_defs`,
    wkt: projected(
      srid,
      name,
      `METHOD["Polar Stereographic (variant A)",ID["EPSG",9810]],` +
        `${parameter('Latitude of natural origin', lat, DEGREE)},` +
        `${parameter('Longitude of natural origin', 0, DEGREE)},` +
        `PARAMETER["Scale factor at natural origin",1,SCALEUNIT["unity",1]]`,
    ),
  };
}
