import { stableUuid } from './actions.js';
import { ellipsoidOf, isInDegrees, spatialRefSys } from './crs.js';
import { textStyle } from './labels.js';
import { QGIS_VERSION } from './layer-style.js';
import type { ProjectLayer } from './project-layers.js';
import { PROJECT_VIEWS, type Extent, type ProjectView } from './project-views.js';
import { CANVAS } from './style-table.js';
import { transformContext } from './transform-context.js';
import { element, qgisDocument, xmlText, type XmlNode } from './xml.js';

const CREDIT = 'LROC images: NASA/GSFC/Arizona State University';
const ABSTRACT =
  'Anomalies in LROC NAC images, found by Selenoscan. score is -log10 of the chance that a plain tile under like ' +
  `light scores higher. ${CREDIT}.`;

/** Which groups each map theme shows; base maps and what it names. */
const THEMES: Readonly<Record<string, readonly string[]>> = {
  Detections: ['Detections', 'Reference', 'Base maps'],
  Coverage: ['Coverage', 'Reference', 'Base maps'],
  Everything: ['Detections', 'Reference', 'Coverage', 'Base maps'],
};

/**
 * A project file of QGIS over layers that lie above one another in the order given.
 *
 * @param insets maps of their own coordinate systems beside the main one
 */
export function projectDocument(
  view: ProjectView,
  layers: readonly ProjectLayer[],
  insets: readonly ProjectView[] = [],
): string {
  return qgisDocument(
    element(
      'qgis',
      { version: QGIS_VERSION, projectname: view.title },
      element('homePath', { path: '' }),
      element('title', {}, view.title),
      element('autotransaction', { active: 0 }),
      element('evaluateDefaultValues', { active: 0 }),
      // Do not look through a layer's rows for what its source already says.
      element('trust', { active: 1 }),
      element('projectCrs', {}, spatialRefSys(view.srid)),
      layerTree(layers),
      mapCanvas('theMapCanvas', view),
      ...insets.map((inset) => mapCanvas(inset.short, inset, 'Everything')),
      ...(insets.length === 0 ? [] : [mapViewDocks(insets)]),
      element('projectlayers', {}, ...layers.map(({ node }) => node)),
      element('layerorder', {}, ...layers.map(({ id }) => element('layer', { id }))),
      properties(view),
      element(
        'visibility-presets',
        {},
        ...Object.entries(THEMES).map(([name, groups]) => theme(name, groups, layers)),
      ),
      transformContext([30100, view.srid, ...insets.map(({ srid }) => srid)]),
      element(
        'projectMetadata',
        {},
        element('title', {}, view.title),
        element('abstract', {}, ABSTRACT),
        element('author', {}, 'Selenoscan'),
      ),
      element('Bookmarks', {}, ...bookmarks(view)),
      element(
        'ProjectViewSettings',
        { UseProjectScales: 0, rotation: 0 },
        element('Scales'),
        element('DefaultViewExtent', { ...view.extent }, spatialRefSys(view.srid)),
      ),
    ),
  );
}

function groupsOf(layers: readonly ProjectLayer[]): Map<string, ProjectLayer[]> {
  const groups = new Map<string, ProjectLayer[]>();
  for (const layer of layers) groups.set(layer.group, [...(groups.get(layer.group) ?? []), layer]);
  return groups;
}

function layerTree(layers: readonly ProjectLayer[]): XmlNode {
  const groups = [...groupsOf(layers)].map(([name, members]) =>
    element(
      'layer-tree-group',
      { name, expanded: 1, checked: 'Qt::Checked' },
      ...members.map((layer) =>
        element('layer-tree-layer', {
          id: layer.id,
          name: layer.name,
          source: layer.uri,
          providerKey: layer.provider,
          expanded: layer.unfolded ? 1 : 0,
          checked: layer.shown ? 'Qt::Checked' : 'Qt::Unchecked',
        }),
      ),
    ),
  );
  return element('layer-tree-group', {}, ...groups);
}

function mapCanvas(name: string, { srid, extent }: ProjectView, shown?: string): XmlNode {
  return element(
    'mapcanvas',
    { name, annotationsVisible: 1, ...(shown === undefined ? {} : { theme: shown }) },
    element('units', {}, isInDegrees(srid) ? 'degrees' : 'meters'),
    extentElement(extent),
    element('rotation', {}, 0),
    element('destinationsrs', {}, spatialRefSys(srid)),
    element('rendermaptile', {}, 0),
  );
}

/** Windows at the right of the main map, one below the other. */
function mapViewDocks(insets: readonly ProjectView[]): XmlNode {
  const size = { x: 0, width: 320, height: 320, area: 2, floating: 0 };
  const linked = { synced: 0, scaleSynced: 0, scaleFactor: 1, showCursor: 1, showExtent: 0, showLabels: 1 };
  return element(
    'mapViewDocks',
    {},
    ...insets.map(({ short }, i) =>
      element('view', { name: short, y: 320 * i, ...size, ...linked, zoomSelected: 0 }),
    ),
  );
}

function extentElement({ xmin, ymin, xmax, ymax }: Extent): XmlNode {
  const bounds = Object.entries({ xmin, ymin, xmax, ymax });
  return element('extent', {}, ...bounds.map(([name, value]) => element(name, {}, value)));
}

function properties({ srid }: ProjectView): XmlNode {
  const [red, green, blue] = CANVAS;
  return element(
    'properties',
    {},
    section('SpatialRefSys', { ProjectionsEnabled: 1 }),
    section('Measure', { Ellipsoid: ellipsoidOf(srid) }),
    section('Measurement', { DistanceUnits: 'meters', AreaUnits: 'km2' }),
    section('Gui', { CanvasColorRedPart: red, CanvasColorGreenPart: green, CanvasColorBluePart: blue }),
    section('Paths', { Absolute: false }),
    section('PositionPrecision', { Automatic: false, DecimalPlaces: 4, DegreeFormat: 'D' }),
    section('ScaleBar', {
      Enabled: true,
      Placement: 0,
      Color: '225,229,238,255',
      OutlineColor: '20,22,28,255',
      TextFormat: xmlText(textStyle({ text: "''", size: 9 })),
    }),
    section('CopyrightLabel', { Enabled: true, Label: CREDIT, Color: '225,229,238,255' }),
  );
}

function section(name: string, values: Readonly<Record<string, string | number | boolean>>): XmlNode {
  const types = { string: 'QString', number: 'int', boolean: 'bool' } as const;
  const entries = Object.entries(values).map(([key, value]) =>
    element(key, { type: types[typeof value as keyof typeof types] }, String(value)),
  );
  return element(name, {}, ...entries);
}

function theme(name: string, groups: readonly string[], layers: readonly ProjectLayer[]): XmlNode {
  const seen = layers.filter((layer) => groups.includes(layer.group) && layer.shown);
  const shownGroups = [...groupsOf(layers).keys()].filter((group) => groups.includes(group));
  return element(
    'visibility-preset',
    { name, 'has-checked-group-info': 1, 'has-expanded-info': 1 },
    ...seen.map(({ id, unfolded }) =>
      element('layer', { id, visible: 1, expanded: unfolded ? 1 : 0, style: 'default' }),
    ),
    element('checked-group-nodes', {}, ...shownGroups.map((id) => element('checked-group-node', { id }))),
    element('expanded-group-nodes', {}, ...shownGroups.map((id) => element('expanded-group-node', { id }))),
  );
}

/** Places to jump to that lie well in the view's own map. */
function bookmarks(view: ProjectView): XmlNode[] {
  const { srid } = view;
  const polar = srid === PROJECT_VIEWS.north.srid || srid === PROJECT_VIEWS.south.srid;
  const named: Record<string, Extent> = polar
    ? {
        'Within 30 degrees of the pole': view.extent,
        'Within 5 degrees of the pole': scaled(view.extent, 1 / 6),
      }
    : { 'The whole map': view.extent, 'The middle of the map': scaled(view.extent, 1 / 3) };
  return Object.entries(named).map(([name, { xmin, ymin, xmax, ymax }]) =>
    element(
      'Bookmark',
      {
        id: stableUuid(`${srid} ${name}`),
        name,
        group: 'Selenoscan',
        extent: `POLYGON((${xmin} ${ymin}, ${xmax} ${ymin}, ${xmax} ${ymax}, ${xmin} ${ymax}, ${xmin} ${ymin}))`,
      },
      spatialRefSys(srid),
    ),
  );
}

function scaled({ xmin, ymin, xmax, ymax }: Extent, share: number): Extent {
  const [x, y] = [(xmin + xmax) / 2, (ymin + ymax) / 2];
  const [dx, dy] = [((xmax - xmin) / 2) * share, ((ymax - ymin) / 2) * share];
  return { xmin: x - dx, ymin: y - dy, xmax: x + dx, ymax: y + dy };
}
