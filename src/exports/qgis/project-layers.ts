import { basemapUri, type Basemap } from './basemap.js';
import { MOON_SCALE } from './crs.js';
import { attached, dataSource, type ProjectSource } from './data-source.js';
import { labeling } from './labels.js';
import { styleElements } from './layer-style.js';
import { rasterLayer, vectorLayer, type Scales } from './map-layer.js';
import { viewStyle } from './view-styles.js';
import { ruled } from './renderers.js';
import { GRATICULE, withAlpha } from './style-table.js';
import { line } from './symbols.js';
import type { XmlNode } from './xml.js';

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

/** So many detections are drawn at most where the map shows more ground than can be read through. */
const BEST = 2000;
const ALL_FROM = 1_500_000;
const OUTLINES_FROM = 50_000;
const IMAGES_FROM = 4_000_000;

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

/**
 * The layers of views that the source has, in the order in which they lie above one another.
 *
 * @param scale what QGIS makes of a scale of 1 in the main map
 */
export function viewLayers(source: ProjectSource, views: ReadonlySet<string>, scale: number): ProjectLayer[] {
  const placements = source.kind === 'postgres' ? ON_POSTGRES : IN_GEOPACKAGE;
  return placements
    .filter(({ view }) => views.has(view))
    .map((placement) => viewLayer(source, placement, scale));
}

function viewLayer(source: ProjectSource, placement: Placement, scale: number): ProjectLayer {
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
    scales: scaled(scales, scale),
    notified: live && source.kind === 'postgres',
    style: styleElements(style),
  });
  return { id, name, group, provider, uri, shown: !hidden, unfolded: !folded, node };
}

function scaled(scales: Scales | undefined, by: number): Scales | undefined {
  if (scales === undefined) return undefined;
  const { near, far } = scales;
  return {
    ...(near === undefined ? {} : { near: Math.round(near * by) }),
    ...(far === undefined ? {} : { far: Math.round(far * by) }),
  };
}

/**
 * @param file name of the GeoJSON that is packed into the project file
 * @param scale what QGIS makes of a scale of 1 in the main map
 */
export function graticuleLayer(file: string, scale: number): ProjectLayer {
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
        rule(10, '10 degrees', 0.15, 120, Math.round(15_000_000 * scale)),
        rule(1, '1 degree', 0.1, 100, Math.round(4_000_000 * scale)),
      ]),
      labeling({
        text: '"label"',
        size: 7,
        colour: [190, 200, 220],
        only: `${MOON_SCALE} < 4000000 OR ("named" AND ("step" = 30 OR ("step" = 10 AND ${MOON_SCALE} < 15000000)))`,
        place: 'along',
      }),
    ],
  });
  return { id, name, group: 'Reference', provider: 'ogr', uri, shown: true, unfolded: false, node };
}

export function basemapLayer(map: Basemap, index: number): ProjectLayer {
  const id = `selenoscan_basemap_${index}`;
  const uri = basemapUri(map);
  const node = rasterLayer(id, uri, map);
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
