import { get as getProjection, type Projection } from 'ol/proj.js';
import { register } from 'ol/proj/proj4.js';
import proj4 from 'proj4';
import { MOON_RADIUS, normalLongitude } from '../sphere.js';

export type MapKind = 'cylindrical' | 'north' | 'south';

/** A way to draw the Moon flat. Coordinates are metres. */
export interface MoonMap {
  readonly kind: MapKind;
  readonly projection: Projection;
  /** Extent of the whole map, metres. */
  readonly extent: [number, number, number, number];
  /** Width after which the map repeats; 0 = it does not. */
  readonly worldWidth: number;
  /** Whether the place is near enough to be drawn here. */
  shows(lat: number): boolean;
  /** Longitudes may run past 180: the result then runs past the map's border, too. */
  forward(lon: number, lat: number): [number, number];
  inverse(x: number, y: number): [number, number];
  /** Map metres per ground metre at a latitude: across (east) and along (north). */
  stretch(lat: number): [number, number];
}

const LONLAT = 'IAU_2015:30100';
const SPHERE = `+R=${MOON_RADIUS} +no_defs +type=crs`;
const CODES: Readonly<Record<MapKind, string>> = {
  cylindrical: 'IAU_2015:30110',
  north: 'IAU_2015:30130',
  south: 'IAU_2015:30135',
};

proj4.defs(LONLAT, `+proj=longlat ${SPHERE}`);
proj4.defs(CODES.cylindrical, `+proj=eqc +lat_ts=0 +lat_0=0 +lon_0=0 +x_0=0 +y_0=0 +units=m ${SPHERE}`);
proj4.defs(CODES.north, `+proj=stere +lat_0=90 +lon_0=0 +k=1 +x_0=0 +y_0=0 +units=m ${SPHERE}`);
proj4.defs(CODES.south, `+proj=stere +lat_0=-90 +lon_0=0 +k=1 +x_0=0 +y_0=0 +units=m ${SPHERE}`);
register(proj4);

/** A polar map is drawn to this latitude beyond the equator. */
const POLAR_REACH_DEG = 15;

export function moonMap(kind: MapKind): MoonMap {
  const projection = getProjection(CODES[kind]);
  if (projection === null) throw new Error(`${CODES[kind]} is not registered`);
  return kind === 'cylindrical' ? cylindrical(projection) : polar(kind, projection);
}

function cylindrical(projection: Projection): MoonMap {
  const half = Math.PI * MOON_RADIUS;
  const extent: MoonMap['extent'] = [-half, -half / 2, half, half / 2];
  const convert = proj4(LONLAT, CODES.cylindrical);
  // OpenLayers repeats a map that is global, and would measure resolutions on the Earth.
  projection.setGlobal(true);
  projection.setExtent(extent);
  projection.setWorldExtent([-180, -90, 180, 90]);
  const map: MoonMap = {
    kind: 'cylindrical',
    projection,
    extent,
    worldWidth: 2 * half,
    shows: () => true,
    forward(lon, lat) {
      const inside = normalLongitude(lon);
      const [x, y] = convert.forward<[number, number]>([inside, lat]);
      return [x + ((lon - inside) / 360) * 2 * half, y];
    },
    inverse(x, y) {
      const worlds = Math.floor((x + half) / (2 * half));
      const [lon, lat] = convert.inverse<[number, number]>([x - worlds * 2 * half, y]);
      return [normalLongitude(lon), lat];
    },
    stretch: (lat) => [1 / Math.max(Math.cos((lat * Math.PI) / 180), 1e-6), 1],
  };
  projection.setGetPointResolution(
    (resolution, [x = 0, y = 0]) => resolution / map.stretch(map.inverse(x, y)[1])[0],
  );
  return map;
}

function polar(kind: 'north' | 'south', projection: Projection): MoonMap {
  const sign = kind === 'north' ? 1 : -1;
  const reach = 2 * MOON_RADIUS * Math.tan(((90 + POLAR_REACH_DEG) * Math.PI) / 360);
  const extent: MoonMap['extent'] = [-reach, -reach, reach, reach];
  const convert = proj4(LONLAT, CODES[kind]);
  projection.setExtent(extent);
  const map: MoonMap = {
    kind,
    projection,
    extent,
    worldWidth: 0,
    shows: (lat) => lat * sign > -POLAR_REACH_DEG,
    forward: (lon, lat) => convert.forward<[number, number]>([normalLongitude(lon), lat]),
    inverse: (x, y) => convert.inverse<[number, number]>([x, y]),
    stretch(lat) {
      const scale = 2 / (1 + Math.sin((sign * lat * Math.PI) / 180));
      return [scale, scale];
    },
  };
  projection.setGetPointResolution(
    (resolution, [x = 0, y = 0]) => resolution / map.stretch(map.inverse(x, y)[1])[0],
  );
  return map;
}
