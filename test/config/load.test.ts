import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeDefaults } from '../../src/config/describe.js';
import { configHash } from '../../src/config/hash.js';
import { loadConfig } from '../../src/config/load.js';

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(text: string): string {
  const path = join(folder, `${Math.random().toString(36).slice(2)}.yaml`);
  writeFileSync(path, text);
  return path;
}

describe('the configuration', () => {
  it('ships a default file that holds every key and loads to the defaults', () => {
    const shipped = readFileSync(new URL('../../config/default.yaml', import.meta.url), 'utf8');
    expect(shipped).toBe(describeDefaults());
    expect(parse(shipped)).toEqual(loadConfig(undefined, {}));
  });

  it('lets a file override the defaults and the environment override the file', () => {
    const file = fileWith('detection:\n  budget: 7\n  threshold: 3\n');
    const config = loadConfig(file, { SELENOSCAN_DETECTION_BUDGET: '9' });
    expect(config.detection.budget).toBe(9);
    expect(config.detection.threshold).toBe(3);
    expect(config.tiling.stride_x).toBe(32);
  });

  it('reads lists as JSON and secrets from a file', () => {
    const config = loadConfig(undefined, {
      SELENOSCAN_ARCHIVE_URLS: '["http://127.0.0.1:1/","http://127.0.0.1:2/"]',
      SELENOSCAN_DATABASE_URL_FILE: fileWith('postgres://u:p@h/d\n'),
    });
    expect(config.archive.urls).toHaveLength(2);
    expect(config.database.url).toBe('postgres://u:p@h/d');
  });

  it('takes DATABASE_URL where no other address is given', () => {
    expect(loadConfig(undefined, { DATABASE_URL: 'postgres://a/b' }).database.url).toBe('postgres://a/b');
    const both = { DATABASE_URL: 'postgres://a/b', SELENOSCAN_DATABASE_URL: 'postgres://c/d' };
    expect(loadConfig(undefined, both).database.url).toBe('postgres://c/d');
  });

  it('refuses unknown keys, sections and variables and suggests the near one', () => {
    const file = fileWith('detection:\n  buget: 7\n');
    expect(() => loadConfig(file, {})).toThrow(
      `${file}: unknown key "detection.buget"; did you mean "budget"?`,
    );
    expect(() => loadConfig(fileWith('detecton:\n  budget: 7\n'), {})).toThrow('did you mean "detection"?');
    expect(() => loadConfig(undefined, { SELENOSCAN_DETECTION_BUDGE: '1' })).toThrow(
      'unknown variable SELENOSCAN_DETECTION_BUDGE; did you mean "SELENOSCAN_DETECTION_BUDGET"?',
    );
  });

  it('names file or variable, key and what is wrong with a value', () => {
    const file = fileWith('http:\n  port: 99999\n');
    expect(() => loadConfig(file, {})).toThrow(/\.yaml: http\.port is not valid \(.*65535.*\)/);
    expect(() => loadConfig(undefined, { SELENOSCAN_TILING_STRIDE_X: 'wide' })).toThrow(
      /SELENOSCAN_TILING_STRIDE_X: tiling\.stride_x is not valid/,
    );
    expect(() => loadConfig(fileWith('a: [1'), {})).toThrow(/not valid YAML/);
    expect(() => loadConfig(join(folder, 'none.yaml'), {})).toThrow(/cannot be read/);
  });

  it('hashes the keys that change results and no others', () => {
    const base = configHash(loadConfig(undefined, {}));
    expect(
      configHash(loadConfig(undefined, { SELENOSCAN_HTTP_PORT: '1', SELENOSCAN_SCORING_WORKERS: '3' })),
    ).toBe(base);
    expect(configHash(loadConfig(undefined, { SELENOSCAN_TILING_STRIDE_X: '16' }))).not.toBe(base);
  });
});
