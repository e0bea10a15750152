import { basemapCrs, type Basemap } from './basemap.js';
import { spatialRefSys } from './crs.js';
import { element, type XmlNode } from './xml.js';

/** Scale denominators: seen from 1:near to 1:far. */
export interface Scales {
  readonly near?: number;
  readonly far?: number;
}

/** Payload of the notification on the channel `qgis` that a scan was committed. */
const NOTIFICATION = 'detection';

const CREDIT = 'Images: NASA/GSFC/Arizona State University';

export interface VectorLayer {
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

/** A layer as the project lists it. */
export function vectorLayer(layer: VectorLayer): XmlNode {
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

export function rasterLayer(id: string, uri: string, map: Basemap): XmlNode {
  return element(
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
}
