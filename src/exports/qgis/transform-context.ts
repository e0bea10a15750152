import { isInDegrees, projText, spatialRefSys, type MapCrs } from './crs.js';
import { element, type XmlNode } from './xml.js';

/**
 * Operations by which a project reads lunar degrees off the Earth's systems. QGIS 3.22 asks for them whenever it
 * opens a lunar map, shows where the pointer is or takes a file that names no system, and warns of each that PROJ
 * does not know, as it refuses to go from body to body.
 */
export function transformContext(srids: readonly MapCrs[]): XmlNode {
  const pairs = srids.flatMap((srid) => EARTH.map((earth) => ({ srid, earth })));
  return element(
    'transformContext',
    {},
    ...pairs.map(({ srid, earth }) =>
      element(
        'srcDest',
        { coordinateOp: degreesOf(srid), allowFallback: 0 },
        element('src', {}, spatialRefSys(srid)),
        element('dest', {}, earth),
      ),
    ),
  );
}

/** From the system's metres to degrees. */
function degreesOf(srid: MapCrs): string {
  if (isInDegrees(srid)) return '+proj=noop';
  const forward = projText(srid).replace(' +units=m +no_defs', '');
  return `+proj=pipeline +step +inv ${forward} +step +proj=unitconvert +xy_in=rad +xy_out=deg`;
}

/** What QGIS takes where nothing is said, and the degrees of the ellipsoid that it measures on until told. */
const EARTH: readonly XmlNode[] = [
  element(
    'spatialrefsys',
    {},
    element('proj4', {}, '+proj=longlat +datum=WGS84 +no_defs'),
    element('srsid', {}, 3452),
    element('srid', {}, 4326),
    element('authid', {}, 'EPSG:4326'),
    element('description', {}, 'WGS 84'),
    element('projectionacronym', {}, 'longlat'),
    element('ellipsoidacronym', {}, 'EPSG:7030'),
    element('geographicflag', {}, 'true'),
  ),
  element(
    'spatialrefsys',
    {},
    element(
      'wkt',
      {},
      'GEOGCRS["unknown",DATUM["unknown",ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1,' +
        'ID["EPSG",9001]]]],PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8901]],' +
        'CS[ellipsoidal,2],AXIS["longitude",east,ORDER[1],ANGLEUNIT["degree",0.0174532925199433,' +
        'ID["EPSG",9122]]],AXIS["latitude",north,ORDER[2],ANGLEUNIT["degree",0.0174532925199433,' +
        'ID["EPSG",9122]]]]',
    ),
    element('proj4', {}, '+proj=longlat +a=6378137 +rf=298.25722356300003 +no_defs'),
    element('srsid', {}, 0),
    element('srid', {}, 0),
    element('authid', {}),
    element('geographicflag', {}, 'false'),
  ),
];
