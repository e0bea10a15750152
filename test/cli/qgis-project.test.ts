import { describe, expect, it } from 'vitest';
import { gisConnection } from '../../src/cli/qgis-project.js';
import { configSchema, type Config } from '../../src/config/schema.js';

function config(url: string, gis: Partial<Config['gis']> = {}): Config {
  return configSchema.parse({ database: { url }, gis });
}

describe('the connection of GIS users', () => {
  it('is the database’s own without user and password where nothing else is said', () => {
    expect(gisConnection(config('postgresql://daemon:secret@db.example:5433/moon?sslmode=require'))).toEqual({
      host: 'db.example',
      port: 5433,
      database: 'moon',
      user: undefined,
      sslmode: 'require',
      authcfg: undefined,
    });
  });

  it('is the address for people where there is one, with their user and never a password', () => {
    const connection = gisConnection(
      config('postgresql://daemon:secret@10.0.0.1/moon', {
        database: 'postgres://selenoscan_read:other@moon.example/moon',
        authcfg: 'abc1234',
      }),
    );
    expect(connection).toMatchObject({ host: 'moon.example', user: 'selenoscan_read', authcfg: 'abc1234' });
    expect(JSON.stringify(connection)).not.toMatch(/secret|other/);
  });

  it('may be an entry of pg_service.conf, or a socket', () => {
    expect(gisConnection(config('postgres://a@b/c', { service: 'moon' }))).toEqual({
      service: 'moon',
      authcfg: undefined,
    });
    expect(gisConnection(config('postgresql:///moon?host=/var/run/postgresql')).host).toBe(
      '/var/run/postgresql',
    );
  });

  it('says which key is no address', () => {
    expect(() => gisConnection(config('postgres://a@b/c', { database: 'moon.example' }))).toThrow(
      /^gis\.database is no postgres:\/\/ address; set gis\.database/,
    );
  });
});
