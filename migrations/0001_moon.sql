-- The Moon in PostGIS: coordinate reference systems and distance functions.
-- Function bodies in RETURN form are bound when they are created, so they hold whatever the search_path,
-- as in pg_restore, which empties it.

CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- SRID = IAU code. PostGIS ships none of them. QGIS and GDAL recognise a row by auth_name and auth_srid.
INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text) VALUES
(30100, 'IAU_2015', 30100,
 'GEOGCS["Moon (2015) - Sphere / Ocentric",DATUM["Moon (2015) - Sphere",SPHEROID["Moon (2015) - Sphere",1737400,0,AUTHORITY["IAU_2015","30100"]],AUTHORITY["IAU_2015","30100"]],PRIMEM["Reference Meridian",0,AUTHORITY["IAU_2015","30100"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["IAU_2015","30100"]]',
 '+proj=longlat +R=1737400 +no_defs +type=crs'),
(30110, 'IAU_2015', 30110,
 'PROJCS["Moon (2015) - Sphere / Ocentric / Equirectangular, clon = 0",GEOGCS["Moon (2015) - Sphere / Ocentric",DATUM["Moon (2015) - Sphere",SPHEROID["Moon (2015) - Sphere",1737400,0,AUTHORITY["IAU_2015","30100"]],AUTHORITY["IAU_2015","30100"]],PRIMEM["Reference Meridian",0,AUTHORITY["IAU_2015","30100"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["IAU_2015","30100"]],PROJECTION["Equirectangular"],PARAMETER["standard_parallel_1",0],PARAMETER["central_meridian",0],PARAMETER["false_easting",0],PARAMETER["false_northing",0],UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["Easting",EAST],AXIS["Northing",NORTH],AUTHORITY["IAU_2015","30110"]]',
 '+proj=eqc +lat_ts=0 +lat_0=0 +lon_0=0 +x_0=0 +y_0=0 +R=1737400 +units=m +no_defs +type=crs'),
(30115, 'IAU_2015', 30115,
 'PROJCS["Moon (2015) - Sphere / Ocentric / Equirectangular, clon = 180",GEOGCS["Moon (2015) - Sphere / Ocentric",DATUM["Moon (2015) - Sphere",SPHEROID["Moon (2015) - Sphere",1737400,0,AUTHORITY["IAU_2015","30100"]],AUTHORITY["IAU_2015","30100"]],PRIMEM["Reference Meridian",0,AUTHORITY["IAU_2015","30100"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["IAU_2015","30100"]],PROJECTION["Equirectangular"],PARAMETER["standard_parallel_1",0],PARAMETER["central_meridian",180],PARAMETER["false_easting",0],PARAMETER["false_northing",0],UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["Easting",EAST],AXIS["Northing",NORTH],AUTHORITY["IAU_2015","30115"]]',
 '+proj=eqc +lat_ts=0 +lat_0=0 +lon_0=180 +x_0=0 +y_0=0 +R=1737400 +units=m +no_defs +type=crs'),
(30120, 'IAU_2015', 30120,
 'PROJCS["Moon (2015) - Sphere / Ocentric / Sinusoidal, clon = 0",GEOGCS["Moon (2015) - Sphere / Ocentric",DATUM["Moon (2015) - Sphere",SPHEROID["Moon (2015) - Sphere",1737400,0,AUTHORITY["IAU_2015","30100"]],AUTHORITY["IAU_2015","30100"]],PRIMEM["Reference Meridian",0,AUTHORITY["IAU_2015","30100"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["IAU_2015","30100"]],PROJECTION["Sinusoidal"],PARAMETER["longitude_of_center",0],PARAMETER["false_easting",0],PARAMETER["false_northing",0],UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["Easting",EAST],AXIS["Northing",NORTH],AUTHORITY["IAU_2015","30120"]]',
 '+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=1737400 +units=m +no_defs +type=crs'),
(30130, 'IAU_2015', 30130,
 'PROJCS["Moon (2015) - Sphere / Ocentric / North Polar",GEOGCS["Moon (2015) - Sphere / Ocentric",DATUM["Moon (2015) - Sphere",SPHEROID["Moon (2015) - Sphere",1737400,0,AUTHORITY["IAU_2015","30100"]],AUTHORITY["IAU_2015","30100"]],PRIMEM["Reference Meridian",0,AUTHORITY["IAU_2015","30100"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["IAU_2015","30100"]],PROJECTION["Polar_Stereographic"],PARAMETER["latitude_of_origin",90],PARAMETER["central_meridian",0],PARAMETER["scale_factor",1],PARAMETER["false_easting",0],PARAMETER["false_northing",0],UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["Easting",EAST],AXIS["Northing",NORTH],AUTHORITY["IAU_2015","30130"]]',
 '+proj=stere +lat_0=90 +lon_0=0 +k=1 +x_0=0 +y_0=0 +R=1737400 +units=m +no_defs +type=crs'),
(30135, 'IAU_2015', 30135,
 'PROJCS["Moon (2015) - Sphere / Ocentric / South Polar",GEOGCS["Moon (2015) - Sphere / Ocentric",DATUM["Moon (2015) - Sphere",SPHEROID["Moon (2015) - Sphere",1737400,0,AUTHORITY["IAU_2015","30100"]],AUTHORITY["IAU_2015","30100"]],PRIMEM["Reference Meridian",0,AUTHORITY["IAU_2015","30100"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["IAU_2015","30100"]],PROJECTION["Polar_Stereographic"],PARAMETER["latitude_of_origin",-90],PARAMETER["central_meridian",0],PARAMETER["scale_factor",1],PARAMETER["false_easting",0],PARAMETER["false_northing",0],UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["Easting",EAST],AXIS["Northing",NORTH],AUTHORITY["IAU_2015","30135"]]',
 '+proj=stere +lat_0=-90 +lon_0=0 +k=1 +x_0=0 +y_0=0 +R=1737400 +units=m +no_defs +type=crs')
ON CONFLICT (srid) DO UPDATE SET
  auth_name = EXCLUDED.auth_name, auth_srid = EXCLUDED.auth_srid,
  srtext = EXCLUDED.srtext, proj4text = EXCLUDED.proj4text;

CREATE FUNCTION moon_xyz(lon double precision, lat double precision) RETURNS geometry
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ST_MakePoint(
  cos(radians(lat)) * cos(radians(lon)),
  cos(radians(lat)) * sin(radians(lon)),
  sin(radians(lat)));
COMMENT ON FUNCTION moon_xyz IS
  'Place in degrees as a 3-D point on the unit sphere: distances between such points are chords, right at the poles and across 180 degrees.';

CREATE FUNCTION moon_chord(metres double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN 2 * sin(least(greatest(metres, 0), pi() * 1737400) / (2 * 1737400.0));
COMMENT ON FUNCTION moon_chord IS
  'Chord of the unit sphere that spans so many metres along the ground of the Moon (sphere of 1737400 m).';

CREATE FUNCTION moon_distance(a geometry, b geometry) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN 2 * 1737400 * asin(least(ST_3DDistance(a, b) / 2, 1));
COMMENT ON FUNCTION moon_distance IS
  'Metres along the ground of the Moon between two points of moon_xyz.';

CREATE FUNCTION moon_box(lon double precision, lat double precision, metres double precision) RETURNS geometry
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ST_MakeLine(
  ST_Translate(moon_xyz(lon, lat), -moon_chord(metres), -moon_chord(metres), -moon_chord(metres)),
  ST_Translate(moon_xyz(lon, lat), moon_chord(metres), moon_chord(metres), moon_chord(metres)));
COMMENT ON FUNCTION moon_box IS
  'Diagonal of the cube of unit-sphere coordinates around a place that holds all within so many metres: moon_xyz(lon, lat) &&& moon_box(...) uses the index.';

-- ST_DWithin on lunar geography drops rows silently when a GiST index serves it: PostGIS expands the
-- search box with the Earth's radius. 3.7 > 6371008.77 / 1737400.
CREATE FUNCTION moon_dwithin(g geography, p geography, metres double precision) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN g && _ST_Expand(p, metres * 3.7) AND _ST_DWithin(g, p, metres, false);
COMMENT ON FUNCTION moon_dwithin IS
  'Whether two lunar geographies lie within so many metres of one another. Use it in place of ST_DWithin, which drops rows on the Moon.';
