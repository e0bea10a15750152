import { strToU8, zipSync } from 'fflate';
import type { Basemap } from './basemap.js';
import { DEGREES_SCALE, isInDegrees } from './crs.js';
import type { ProjectSource } from './data-source.js';
import { graticuleGeoJson } from './graticule.js';
import { basemapLayer, graticuleLayer, viewLayers } from './project-layers.js';
import { projectDocument } from './project.js';
import { PROJECT_VIEWS, type ProjectView, type ProjectViewName } from './project-views.js';

export interface ProjectOptions {
  readonly source: ProjectSource;
  readonly view: ProjectViewName;
  /** Views of the schema `selenoscan`, or tables of the GeoPackage, that are there. */
  readonly views: ReadonlySet<string>;
  readonly basemaps: readonly Basemap[];
  /** Files that the source names and the project file carries, e.g. a GeoPackage. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** The poles lie badly on a map of the whole Moon: it has them beside it. */
const INSETS: Readonly<Record<ProjectViewName, readonly ProjectView[]>> = {
  global: [PROJECT_VIEWS.north, PROJECT_VIEWS.south],
  far: [PROJECT_VIEWS.north, PROJECT_VIEWS.south],
  north: [],
  south: [],
  equirectangular: [],
};

const GRATICULE_FILE = 'graticule.geojson';
/** Zip times reach from 1980 to 2099; the same project shall be the same bytes. */
const ZIP_TIME = '1980-01-01T00:00:00';

/** What QGIS makes of a scale on the Moon in a view's map. */
function scaleOf(view: ProjectViewName): number {
  return isInDegrees(PROJECT_VIEWS[view].srid) ? DEGREES_SCALE : 1;
}

/** A `.qgz` of QGIS 3.22 and later: a zip of the project and the files that it needs beside its source. */
export function projectFile({ source, view, views, basemaps, files = {} }: ProjectOptions): Uint8Array {
  const layers = [
    ...viewLayers(source, views, scaleOf(view)),
    graticuleLayer(GRATICULE_FILE, scaleOf(view)),
    ...basemaps.map((map, i) => basemapLayer(map, i)),
  ];
  const packed = {
    'selenoscan.qgs': strToU8(projectDocument(PROJECT_VIEWS[view], layers, INSETS[view])),
    [GRATICULE_FILE]: strToU8(graticuleGeoJson()),
    ...files,
  };
  return zipSync(packed, { level: 6, mtime: ZIP_TIME });
}
