import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeLicences, kindOf, licencesOf, readLock } from '../../scripts/licences.js';

const lock = readLock();
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

describe('the packages that the program is run with', () => {
  it('have licences that are known and do not bind the program', () => {
    expect(licencesOf(lock).filter(({ kind }) => kind === 'other')).toEqual([]);
  });

  it('are listed by licence in docs/licences.md; npm run docs makes it', () => {
    expect(readFileSync('docs/licences.md', 'utf8')).toBe(describeLicences(lock));
  });

  it('declare in their package.json what the lockfile says', () => {
    for (const [path, { license, version, dev }] of packages) {
      const file = `${path}/package.json`;
      if (dev === true || license === undefined || !existsSync(file)) continue;
      const told = JSON.parse(readFileSync(file, 'utf8')) as { version: string; license: string };
      if (told.version === version) expect(told.license, path).toBe(license);
    }
  });
});

describe('a licence', () => {
  it.each([
    ['MIT', 'permissive'],
    ['BSD-3-Clause AND Apache-2.0', 'permissive'],
    ['EDL-1.0 OR EPL-1.0', 'permissive'],
    ['Apache-2.0 AND LGPL-3.0-or-later', 'weak'],
    ['MIT OR GPL-3.0-only', 'permissive'],
    ['MIT AND GPL-3.0-only', 'other'],
    ['GPL-2.0-or-later', 'other'],
    ['AGPL-3.0-only', 'other'],
    ['SEE LICENSE IN LICENSE', 'other'],
    ['UNLICENSED', 'other'],
    ['not told', 'other'],
  ])('%s is %s', (expression, kind) => {
    expect(kindOf(expression)).toBe(kind);
  });
});

describe('the lockfile', () => {
  it('holds every package by a strong checksum and takes it from the registry alone', () => {
    expect(lock.lockfileVersion).toBe(3);
    expect(packages.length).toBeGreaterThan(100);
    for (const [path, { integrity, resolved, link }] of packages) {
      expect(path, 'not below node_modules').toMatch(/^node_modules\//);
      expect(link, path).toBeUndefined();
      expect(integrity, path).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
      // npm leaves the address out where it is that of the registry.
      if (resolved !== undefined) expect(resolved, path).toMatch(/^https:\/\/registry\.npmjs\.org\//);
    }
  });

  it('agrees with package.json, which names every version exactly', () => {
    type Names = Readonly<Record<string, string>>;
    const given = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Names;
      devDependencies: Names;
    };
    const root = lock.packages[''] as unknown as typeof given;
    for (const kind of ['dependencies', 'devDependencies'] as const) {
      expect(root[kind]).toEqual(given[kind]);
      for (const [name, version] of Object.entries(given[kind])) {
        expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
        expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version);
      }
    }
  });

  it('has no package whose install script is run, and none beyond those that are known to need none', () => {
    expect(readFileSync('.npmrc', 'utf8')).toMatch(/^ignore-scripts=true$/m);
    const scripted = packages
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => path);
    expect(scripted).toEqual([
      // The engine is fetched by npm run engine:tensorflow, when somebody asks for it.
      'node_modules/@tensorflow/tfjs-node-gpu',
      // A line of text about its author.
      'node_modules/core-js',
      // Its binary is an optional package.
      'node_modules/esbuild',
      // Its binary is an optional package.
      'node_modules/koffi',
      // Its library is in the package.
      'node_modules/onnxruntime-node',
    ]);
  });
});
