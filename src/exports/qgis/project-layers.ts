import { basemapCrs, basemapUri, type Basemap } from './basemap.js';
import { spatialRefSys } from './crs.js';
import { attached, dataSource, type ProjectSource } from './data-source.js';
import { labeling } from './labels.js';
import { styleElements } from './layer-style.js';
import { viewStyle } from './view-styles.js';
import { ruled } from './renderers.js';
import { GRATICULE, withAlpha } from './style-table.js';
import { line } from './symbols.js';
import { element, type XmlNode } from './xml.js';

/** A layer as a project holds it. */
export interface ProjectLayer {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly provider: string;
  readonly uri: string;
  /** Whether it is shown when the project opens, and its classes unfolded in the legend. */
  readonly shown: boolean;
  readonly unfolded: boolean;
  readonly node: XmlNode;
}

/** Scale denominators: seen from 1:near to 1:far. */
interface Scales {
  readonly near?: number;
  readonly far?: number;
}

interface Placement {
  readonly view: string;
  readonly group: string;
  readonly name?: string;
  /** Told apart from other layers of the view. */
  readonly suffix?: string;
  readonly scales?: Scales;
  readonly filter?: string;
  readonly hidden?: boolean;
  readonly folded?: boolean;
  /** Drawn anew when a scan is committed. */
  readonly live?: boolean;
}

/** Payload of the notification on the channel `qgis` that a scan was committed. */
export const NOTIFICATION = 'detection';

/** So many detections are drawn at most where the map shows more ground than can be read through. */
const BEST = 2000;
const ALL_FROM = 1_500_000;
const OUTLINES_FROM = 50_000;
const IMAGES_FROM = 4_000_000;

const CREDIT = 'Images: NASA/GSFC/Arizona State University';

/** The upper ones are drawn above the lower ones. */
const ON_POSTGRES: readonly Placement[] = [
  {
    view: 'detections',
    group: 'Detections',
    name: `Best ${BEST} of the Moon`,
    suffix: 'best',
    scales: { near: ALL_FROM },
    filter: `"id" IN (SELECT id FROM selenoscan.detections ORDER BY score DESC LIMIT ${BEST})`,
    live: true,
  },
  { view: 'detections', group: 'Detections', scales: { far: ALL_FROM }, folded: true, live: true },
  {
    view: 'detection_outlines',
    group: 'Detections',
    scales: { far: OUTLINES_FROM },
    folded: true,
    live: true,
  },
  { view: 'sites', group: 'Detections', scales: { far: ALL_FROM }, live: true },
  { view: 'known_objects', group: 'Reference' },
  { view: 'features', group: 'Reference' },
  { view: 'coverage', group: 'Coverage', scales: { far: IMAGES_FROM }, live: true },
  {
    view: 'coverage_cells',
    group: 'Coverage',
    scales: { near: IMAGES_FROM },
    filter: '"times_seen" > 0',
    folded: true,
    live: true,
  },
];

/** A GeoPackage is what one machine found: all of it is drawn at every scale. */
const IN_GEOPACKAGE: readonly Placement[] = [
  { view: 'detections', group: 'Detections' },
  { view: 'detection_outlines', group: 'Detections', scales: { far: OUTLINES_FROM }, folded: true },
  { view: 'sites', group: 'Detections' },
  { view: 'known_objects', group: 'Reference' },
  { view: 'features', group: 'Reference' },
  { view: 'coverage', group: 'Coverage' },
  { view: 'coverage_cells', group: 'Coverage', hidden: true, folded: true },
];

/** The layers of views that the source has, in the order in which they lie above one another. */
export function viewLayers(source: ProjectSource, views: ReadonlySet<string>): ProjectLayer[] {
  const placements = source.kind === 'postgres' ? ON_POSTGRES : IN_GEOPACKAGE;
  return placements.filter(({ view }) => views.has(view)).map((placement) => viewLayer(source, placement));
}

function viewLayer(source: ProjectSource, placement: Placement): ProjectLayer {
  const { view, group, suffix, scales, filter, hidden = false, folded = false, live = false } = placement;
  const style = viewStyle(view);
  const id = `selenoscan_${view}${suffix === undefined ? '' : `_${suffix}`}`;
  const name = placement.name ?? style.name;
  const { provider, uri } = dataSource(source, { view, geometry: style.geometry, filter });
  const node = vectorLayer({
    id,
    name,
    about: style.about,
    geometry: style.geometry,
    provider,
    uri,
    labelled: style.labeling !== undefined,
    scales,
    notified: live && source.kind === 'postgres',
    style: styleElements(style),
  });
  return { id, name, group, provider, uri, shown: !hidden, unfolded: !folded, node };
}

/** @param file name of the GeoJSON that is packed into the project file */
export function graticuleLayer(file: string): ProjectLayer {
  const id = 'selenoscan_graticule';
  const name = 'Graticule';
  const uri = attached(file);
  const rule = (step: number, label: string, width: number, alpha: number, far?: number) => ({
    filter: `"step" = ${step}`,
    label,
    symbol: line(withAlpha(GRATICULE, alpha), width),
    ...(far === undefined ? {} : { far }),
  });
  const node = vectorLayer({
    id,
    name,
    about: 'Lines of longitude and latitude.',
    geometry: 'LineString',
    provider: 'ogr',
    uri,
    labelled: true,
    notified: false,
    style: [
      ruled([
        rule(30, '30 degrees', 0.3, 150),
        rule(10, '10 degrees', 0.15, 120, 15_000_000),
        rule(1, '1 degree', 0.1, 100, 4_000_000),
      ]),
      labeling({
        text: '"label"',
        size: 7,
        colour: [190, 200, 220],
        only: `@map_scale < 4000000 OR ("named" AND ("step" = 30 OR ("step" = 10 AND @map_scale < 15000000)))`,
        place: 'along',
      }),
    ],
  });
  return { id, name, group: 'Reference', provider: 'ogr', uri, shown: true, unfolded: false, node };
}

export function basemapLayer(map: Basemap, index: number): ProjectLayer {
  const id = `selenoscan_basemap_${index}`;
  const uri = basemapUri(map);
  const node = element(
    'maplayer',
    { type: 'raster', hasScaleBasedVisibilityFlag: 0, styleCategories: 'AllStyleCategories' },
    element('id', {}, id),
    element('datasource', {}, uri),
    element('layername', {}, map.name),
    element('srs', {}, basemapCrs(map)),
    element('provider', {}, 'wms'),
    element(
      'pipe',
      {},
      element('rasterrenderer', { type: 'singlebandcolordata', band: 1, opacity: 1, alphaBand: -1 }),
      element('brightnesscontrast', { brightness: 0, contrast: 0 }),
      element('rasterresampler', { maxOversampling: 2 }),
    ),
    element('blendMode', {}, 0),
  );
  return {
    id,
    name: map.name,
    group: 'Base maps',
    provider: 'wms',
    uri,
    shown: index === 0,
    unfolded: false,
    node,
  };
}

interface VectorLayer {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly geometry: 'Point' | 'LineString' | 'Polygon' | 'MultiPolygon';
  readonly provider: string;
  readonly uri: string;
  readonly labelled: boolean;
  readonly scales?: Scales | undefined;
  readonly notified: boolean;
  readonly style: readonly XmlNode[];
}

const GEOMETRY_NAMES = {
  Point: 'Point',
  LineString: 'Line',
  Polygon: 'Polygon',
  MultiPolygon: 'Polygon',
} as const;

function vectorLayer(layer: VectorLayer): XmlNode {
  const { scales } = layer;
  return element(
    'maplayer',
    {
      type: 'vector',
      geometry: GEOMETRY_NAMES[layer.geometry],
      wkbType: layer.geometry,
      styleCategories: 'AllStyleCategories',
      labelsEnabled: layer.labelled ? 1 : 0,
      readOnly: layer.provider === 'postgres' ? 1 : 0,
      hasScaleBasedVisibilityFlag: scales === undefined ? 0 : 1,
      // The far end is QGIS's minimum scale.
      minScale: scales?.far ?? (scales === undefined ? 1e8 : 1e10),
      maxScale: scales?.near ?? 0,
      refreshOnNotifyEnabled: layer.notified ? 1 : 0,
      refreshOnNotifyMessage: layer.notified ? NOTIFICATION : '',
      autoRefreshEnabled: 0,
      autoRefreshTime: 0,
      simplifyDrawingHints: layer.geometry === 'Point' ? 0 : 1,
      simplifyLocal: 1,
      simplifyDrawingTol: 1,
      simplifyMaxScale: 1,
      simplifyAlgorithm: 0,
      symbologyReferenceScale: -1,
    },
    // A view has no statistics: QGIS takes this in their place.
    element(
      'extent',
      {},
      element('xmin', {}, -180),
      element('ymin', {}, -90),
      element('xmax', {}, 180),
      element('ymax', {}, 90),
    ),
    element('id', {}, layer.id),
    element('datasource', {}, layer.uri),
    element('layername', {}, layer.name),
    element('srs', {}, spatialRefSys(30100)),
    element(
      'resourceMetadata',
      {},
      element('type', {}, 'dataset'),
      element('title', {}, layer.name),
      element('abstract', {}, layer.about),
      element('rights', {}, CREDIT),
    ),
    element('provider', { encoding: 'UTF-8' }, layer.provider),
    element(
      'flags',
      {},
      element('Identifiable', {}, layer.id === 'selenoscan_graticule' ? 0 : 1),
      element('Removable', {}, 1),
      element('Searchable', {}, 1),
      element('Private', {}, 0),
    ),
    ...layer.style,
  );
}
