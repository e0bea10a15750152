import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Licences that ask for no more than to be named. */
const PERMISSIVE = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'EDL-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'OFL-1.1',
  'Unlicense',
  'Zlib',
]);
/** Licences that bind changes to the package itself, and not the program that uses it. */
const WEAK_COPYLEFT = new Set(['LGPL-3.0-or-later', 'MPL-2.0']);

/** Packages whose package.json names no licence of the SPDX list, by what their licence file says. */
const READ = {
  'arc@0.2.0': 'BSD-2-Clause',
  'splaytree-ts@1.0.2': 'BSD-3-Clause',
};

/**
 * What the program is run with, by licence as the lockfile has it: dependencies of development are left out, those for
 * other platforms are not.
 * @returns `{ licence, packages: ['name@version'], kind: 'permissive' | 'weak' | 'other' }` each, in alphabetical order
 */
export function licencesOf(lock) {
  const groups = new Map();
  for (const [path, { version, license, dev }] of Object.entries(lock.packages)) {
    if (path === '' || dev === true) continue;
    const id = `${path.replace(/^.*node_modules\//, '')}@${version}`;
    const licence = (READ[id] ?? license ?? 'not told').replace(/^\((.*)\)$/, '$1');
    groups.set(licence, (groups.get(licence) ?? new Set()).add(id));
  }
  return [...groups]
    .map(([licence, ids]) => ({ licence, kind: kindOf(licence), packages: [...ids].sort() }))
    .sort((a, b) => (a.licence < b.licence ? -1 : 1));
}

/** The kind of the strictest that must be kept of an expression; of a choice, the mildest. */
export function kindOf(expression) {
  const kinds = ['permissive', 'weak', 'other'];
  const ranks = expression.split(/\s+OR\s+/).map((choice) =>
    Math.max(
      ...choice.split(/\s+AND\s+/).map((one) => {
        if (PERMISSIVE.has(one)) return 0;
        return WEAK_COPYLEFT.has(one) ? 1 : 2;
      }),
    ),
  );
  return kinds[Math.min(...ranks)];
}

/** The document. */
export function describeLicences(lock) {
  const groups = licencesOf(lock);
  const count = groups.reduce((sum, { packages }) => sum + packages.length, 0);
  const sections = groups.map(
    ({ licence, packages }) => `## ${licence}\n\n${packages.map((id) => `\`${id}\``).join(', ')}\n`,
  );
  return `# Licences of what Selenoscan is run with

Selenoscan itself is under the [Apache License 2.0](../LICENSE). These are the ${count} packages that \`npm ci --omit=dev\` takes from the lockfile, those for other platforms among them, by the licence that each declares. \`npm run docs\` makes this page, and a test refuses a package whose licence is unknown or binds the program that uses it.

Of the weak copyleft ones, libvips (LGPL, within \`@img/sharp-…\`) is a shared library of its own beside sharp, and \`@resvg/resvg-js\` (MPL) is used unchanged. \`jsts\` is taken under the EDL. What packages bring as compiled code has licences of its own: \`@electric-sql/pglite-postgis\` holds PostGIS (GPL-2.0-or-later) with GEOS and PROJ as WebAssembly, an extension that the embedded database loads; a deployment on a PostgreSQL server does not use it.

${sections.join('\n')}`;
}

export function readLock() {
  return JSON.parse(readFileSync(fileURLToPath(new URL('../package-lock.json', import.meta.url)), 'utf8'));
}
