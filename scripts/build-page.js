import { copyFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Bundles src/page into `folder`: page.js with its parts, page.css and the files that go as they are. Throws what esbuild says. */
export function buildPage(root, folder) {
  // Asked for here and not above: what was built before runs without it.
  const { buildSync } = createRequire(import.meta.url)('esbuild');
  const source = join(root, 'src', 'page');
  rmSync(folder, { recursive: true, force: true });
  const options = {
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome109', 'firefox115', 'safari16.4'],
    legalComments: 'none',
    tsconfig: join(source, 'tsconfig.json'),
    logLevel: 'silent',
  };
  // The map, by far the largest part, comes in a file of its own after what is seen first.
  buildSync({
    ...options,
    entryPoints: { page: join(source, 'main.ts') },
    outdir: folder,
    splitting: true,
    chunkNames: 'part-[hash]',
  });
  buildSync({ ...options, entryPoints: [join(source, 'page.css')], outfile: join(folder, 'page.css') });
  for (const name of ['index.html', 'favicon.svg']) copyFileSync(join(source, name), join(folder, name));
}
