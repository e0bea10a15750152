import { describe, expect, it } from 'vitest';
import { dataSource } from '../../../src/exports/qgis/data-source.js';
import { basemapUri } from '../../../src/exports/qgis/basemap.js';

describe('the source of a layer', () => {
  it('names key, type and SRID, so that QGIS looks through no rows for them', () => {
    const connection = { host: 'moon.example', port: 5433, database: 'moon', sslmode: 'require' };
    expect(dataSource({ kind: 'postgres', connection }, { view: 'detections', geometry: 'Point' })).toEqual({
      provider: 'postgres',
      uri:
        "dbname='moon' host='moon.example' port=5433 sslmode=require key='id' checkPrimaryKeyUnicity='0' " +
        'estimatedmetadata=true srid=30100 type=Point table="selenoscan"."detections" (geom)',
    });
  });

  it('puts a condition last, which takes all that follows', () => {
    const source = { kind: 'postgres', connection: { service: 'moon', authcfg: 'abc1234' } } as const;
    const { uri } = dataSource(source, { view: 'sites', geometry: 'Point', filter: `"status" = 'new'` });
    expect(uri).toMatch(/^service='moon' authcfg=abc1234 key='id' /);
    expect(uri).toMatch(/table="selenoscan"."sites" \(geom\) sql="status" = 'new'$/);
  });

  it('quotes names that hold quotes', () => {
    const source = { kind: 'postgres', connection: { database: `o'moon\\`, user: 'a b' } } as const;
    const { uri } = dataSource(source, { view: 'sites', geometry: 'Point' });
    expect(uri).toMatch(/^dbname='o\\'moon\\\\' user='a b' /);
  });

  it('finds a GeoPackage within the project file', () => {
    expect(
      dataSource({ kind: 'geopackage', file: 'x.gpkg' }, { view: 'coverage', geometry: 'MultiPolygon' }),
    ).toEqual({ provider: 'ogr', uri: 'attachment:x.gpkg|layername=coverage' });
  });
});

describe('the source of a base map', () => {
  it('asks a wms for its layer in the system that the server names', () => {
    expect(
      basemapUri({ name: 'WAC', kind: 'wms', url: 'https://maps.example/wms?map=moon&v=1', layer: 'wac' }),
    ).toBe(
      'crs=EPSG:4326&format=image/png&layers=wac&styles=&url=https://maps.example/wms?map%3Dmoon%26v%3D1',
    );
  });

  it('takes tiles by their pattern', () => {
    expect(basemapUri({ name: 't', kind: 'xyz', url: 'https://t.example/{z}/{x}/{y}.png', zoom: 7 })).toBe(
      'type=xyz&zmin=0&zmax=7&url=https://t.example/{z}/{x}/{y}.png',
    );
  });
});
