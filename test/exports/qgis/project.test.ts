import { readFileSync } from 'node:fs';
import { strFromU8, unzipSync } from 'fflate';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { ellipsoidOf, spatialRefSys, type MoonSrid } from '../../../src/exports/qgis/crs.js';
import { graticuleGeoJson } from '../../../src/exports/qgis/graticule.js';
import { projectFile, type ProjectOptions } from '../../../src/exports/qgis/project-file.js';
import { PROJECT_VIEWS, PROJECT_VIEW_NAMES } from '../../../src/exports/qgis/project-views.js';
import { xmlText } from '../../../src/exports/qgis/xml.js';

const VIEWS = new Set([
  'detections',
  'detection_outlines',
  'sites',
  'coverage',
  'coverage_cells',
  'known_objects',
  'features',
]);

const OPTIONS: ProjectOptions = {
  source: { kind: 'postgres', connection: { host: 'moon.example', database: 'moon' } },
  view: 'global',
  views: VIEWS,
  basemaps: [],
};

const AUTHIDS = {
  global: 'IAU_2015:30100',
  // Degrees from 0 to 360 have no code.
  far: '',
  north: 'IAU_2015:30130',
  south: 'IAU_2015:30135',
  equirectangular: 'IAU_2015:30110',
};

const LISTS = ['maplayer', 'layer', 'layer-tree-group', 'layer-tree-layer', 'mapcanvas', 'srcDest', 'view'];
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
  isArray: (name) => LISTS.includes(name),
});

interface Layer {
  readonly id: string;
  readonly datasource: string;
  readonly layername: string;
  readonly minScale?: string;
  readonly maxScale?: string;
  readonly refreshOnNotifyMessage?: string;
  readonly srs: { readonly spatialrefsys: { readonly authid: string } };
}

function open(changes: Partial<ProjectOptions> = {}) {
  const files = unzipSync(projectFile({ ...OPTIONS, ...changes }));
  const text = strFromU8(files['selenoscan.qgs'] ?? new Uint8Array());
  expect(XMLValidator.validate(text)).toBe(true);
  const { qgis } = parser.parse(text) as {
    qgis: {
      projectCrs: { spatialrefsys: { authid: string } };
      projectlayers: { maplayer: Layer[] };
      layerorder: { layer: { id: string }[] };
      'layer-tree-group': { 'layer-tree-group': { name: string; 'layer-tree-layer': { id: string }[] }[] }[];
      mapcanvas: { name: string; destinationsrs: { spatialrefsys: { authid: string } } }[];
      mapViewDocks?: { view: { name: string }[] };
      properties: { Measure: { Ellipsoid: { '#text': string } } };
    };
  };
  return { files, text, qgis, layers: qgis.projectlayers.maplayer };
}

describe('a project of QGIS', () => {
  it('has every layer once in the legend, in the order and among the layers', () => {
    for (const view of PROJECT_VIEW_NAMES) {
      const { qgis, layers } = open({ view });
      const ids = layers.map(({ id }) => id);
      const groups = qgis['layer-tree-group'].flatMap((root) => root['layer-tree-group']);
      expect(new Set(ids).size).toBe(ids.length);
      expect(groups.flatMap((group) => group['layer-tree-layer'].map(({ id }) => id)).sort()).toEqual(
        [...ids].sort(),
      );
      expect(qgis.layerorder.layer.map(({ id }) => id)).toEqual(ids);
    }
  });

  it('is in the coordinate system of its view, its layers in lunar degrees, and measures on the Moon', () => {
    for (const view of PROJECT_VIEW_NAMES) {
      const { qgis, layers } = open({ view });
      expect(qgis.projectCrs.spatialrefsys.authid).toBe(AUTHIDS[view]);
      expect(new Set(layers.map(({ srs }) => srs.spatialrefsys.authid))).toEqual(new Set(['IAU_2015:30100']));
      expect(qgis.properties.Measure.Ellipsoid['#text']).toBe(ellipsoidOf(PROJECT_VIEWS[view].srid));
    }
  });

  it('has both poles in their own coordinate systems beside the whole Moon', () => {
    const { qgis } = open();
    expect(
      qgis.mapcanvas.map(({ name, destinationsrs }) => [name, destinationsrs.spatialrefsys.authid]),
    ).toEqual([
      ['theMapCanvas', 'IAU_2015:30100'],
      ['North pole', 'IAU_2015:30130'],
      ['South pole', 'IAU_2015:30135'],
    ]);
    expect(qgis.mapViewDocks?.view.map(({ name }) => name)).toEqual(['North pole', 'South pole']);
    expect(open({ view: 'north' }).qgis.mapcanvas).toHaveLength(1);
  });

  it('draws all detections only where the map shows little ground, and a bounded number elsewhere', () => {
    const { layers } = open();
    const byId = new Map(layers.map((layer) => [layer.id, layer]));
    const best = byId.get('selenoscan_detections_best');
    const all = byId.get('selenoscan_detections');
    expect(best?.datasource).toContain('ORDER BY score DESC LIMIT');
    expect(best?.maxScale).toBe(all?.minScale);
    expect(all?.datasource).not.toContain('sql=');
    for (const layer of [best, all]) expect(layer?.refreshOnNotifyMessage).toBe('detection');
  });

  it('leaves out layers whose views are not there', () => {
    const { layers } = open({ views: new Set(['detections', 'products']) });
    expect(layers.map(({ id }) => id)).toEqual([
      'selenoscan_detections_best',
      'selenoscan_detections',
      'selenoscan_graticule',
    ]);
  });

  it('carries a GeoPackage where it stands on one, and waits for no notification then', () => {
    const gpkg = Uint8Array.of(1, 2, 3);
    const { files, layers, text } = open({
      source: { kind: 'geopackage', file: 'selenoscan.gpkg' },
      files: { 'selenoscan.gpkg': gpkg },
    });
    expect(files['selenoscan.gpkg']).toEqual(gpkg);
    expect(layers[0]?.datasource).toBe('attachment:selenoscan.gpkg|layername=detections');
    expect(text).not.toContain('refreshOnNotifyMessage="detection"');
    expect(text).not.toContain('postgres');
  });

  it('has base maps below all else, on the Moon whatever the service calls its degrees', () => {
    const { layers, qgis } = open({
      basemaps: [
        { name: 'WAC & more', kind: 'wms', url: 'https://maps.example/wms', layer: 'wac' },
        { name: 'Tiles', kind: 'xyz', url: 'https://tiles.example/{z}/{x}/{y}.png' },
      ],
    });
    expect(layers.slice(-2).map(({ layername }) => layername)).toEqual(['WAC & more', 'Tiles']);
    expect(layers.at(-2)?.srs.spatialrefsys.authid).toBe('IAU_2015:30100');
    expect(qgis['layer-tree-group'][0]?.['layer-tree-group'].at(-1)?.name).toBe('Base maps');
  });

  it('is the same bytes each time, and credits the images', () => {
    expect(Buffer.from(projectFile(OPTIONS)).equals(projectFile(OPTIONS))).toBe(true);
    expect(open().text).toContain('NASA/GSFC/Arizona State University');
  });
});

describe('a coordinate system of the Moon', () => {
  it('is for QGIS what it is for PostGIS', () => {
    const sql = readFileSync(new URL('../../../migrations/0001_moon.sql', import.meta.url), 'utf8');
    const rows = new Map(
      [...sql.matchAll(/^\((\d+), 'IAU_2015'[\s\S]*?'(\+proj[^']*) \+type=crs'/gm)].map(([, srid, proj]) => [
        srid,
        proj,
      ]),
    );
    expect(rows.size).toBe(6);
    for (const srid of [30100, 30110, 30115, 30130, 30135] satisfies MoonSrid[])
      expect(xmlText(spatialRefSys(srid))).toContain(`<proj4>${rows.get(String(srid))}</proj4>`);
  });
});

describe('the graticule', () => {
  it('has lines of every degree, none outside the map, and each named by its degree', () => {
    const { features } = JSON.parse(graticuleGeoJson()) as {
      features: {
        properties: { step: number; label: string | null };
        geometry: { coordinates: [number, number][] };
      }[];
    };
    const lons = new Set<number>();
    const lats = new Set<number>();
    for (const { properties, geometry } of features) {
      const [first, last] = [geometry.coordinates[0]!, geometry.coordinates.at(-1)!];
      const meridian = first[0] === last[0];
      const degree = meridian ? first[0] : first[1];
      (meridian ? lons : lats).add(degree);
      expect(degree % properties.step).toBeCloseTo(0);
      expect(properties.label ?? `${Math.abs(degree)}°`).toMatch(new RegExp(`^${Math.abs(degree)}°`));
      for (const [lon, lat] of geometry.coordinates) {
        expect(Math.abs(lon)).toBeLessThanOrEqual(180);
        expect(Math.abs(lat)).toBeLessThanOrEqual(90);
      }
    }
    expect(lons.size).toBe(361);
    expect(lats.size).toBe(179);
  });
});
