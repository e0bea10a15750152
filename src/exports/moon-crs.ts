/** The Moon's longitude and latitude, IAU_2015:30100, as the programs that read exports take it. */

export const MOON_SRID = 30100;
export const MOON_CRS_NAME = 'Moon (2015) - Sphere / Ocentric';

/**
 * WKT 1 with the authority's full name. GDAL 3.6 itself writes AUTHORITY["IAU",…], which QGIS 3.22 takes for no
 * reference system at all; with "IAU_2015" both know it as IAU_2015:30100. Equal to the row of spatial_ref_sys.
 */
export const MOON_WKT = wkt(',AUTHORITY["IAU_2015","30100"]', ',AUTHORITY["EPSG","9122"]');

/**
 * Without authority, for formats that GDAL 3.6 hands on under the name of the authority alone (GeoJSON): the
 * sphere is right everywhere, and QGIS 3.22 takes it.
 */
export const MOON_WKT_PLAIN = wkt('', '');

function wkt(authority: string, unit: string): string {
  return `GEOGCS["${MOON_CRS_NAME}",DATUM["Moon (2015) - Sphere",SPHEROID["Moon (2015) - Sphere",1737400,0${authority}]${authority}],PRIMEM["Reference Meridian",0${authority}],UNIT["degree",0.0174532925199433${unit}]${authority}]`;
}
