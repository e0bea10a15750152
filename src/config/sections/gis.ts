import { z } from 'zod';
import { key } from '../key.js';

const basemap = z.strictObject({
  name: z.string().min(1),
  kind: z.enum(['wms', 'wmts', 'xyz']),
  url: z.url({ protocol: /^https?$/ }),
  layer: z.string().optional(),
  crs: z.string().optional(),
  srid: z.literal([30100, 30110, 30115, 30130, 30135]).optional(),
  matrix: z.string().optional(),
  zoom: z.int().min(0).max(30).optional(),
  format: z.string().optional(),
  style: z.string().optional(),
});

/** What the QGIS project has beside the layers of detections. */
export const gis = z.strictObject({
  database: key(z.string().default(''), {
    description:
      'postgres:// address under which GIS users reach the database, for the QGIS project, e.g. postgres://selenoscan_read@moon.example/moon?sslmode=require; a password in it is left out. Empty = that of database.url without its user.',
  }),
  service: key(z.string().default(''), {
    description:
      'Entry of the pg_service.conf of GIS users that the QGIS project connects by, in place of an address.',
  }),
  authcfg: key(z.string().default(''), {
    description: "Id of an entry in QGIS's own store of authentications that the QGIS project signs in with.",
  }),
  basemaps: key(z.array(basemap).default([]), {
    description:
      'Map services that the QGIS project has behind its layers: name, kind (wms, wmts or xyz), url, and for wms and wmts layer, crs (as the server names it; EPSG:4326 by default, as many do for lunar degrees) and srid (what that is on the Moon; 30100 by default), for wmts matrix, for xyz zoom; e.g. [{name: LROC WAC, kind: wms, url: "https://maps.example/moon", layer: wac}].',
  }),
});
