/**
 * The compiled entry of a worker thread. Threads cannot load TypeScript on every supported Node, so sources
 * that run as they are (tests) use the build beside them.
 *
 * @param name file name in `workers/`, without extension.
 */
export function workerUrl(name: string): URL {
  const fromSource = import.meta.url.endsWith('.ts');
  return new URL(fromSource ? `../../dist/workers/${name}.js` : `./${name}.js`, import.meta.url);
}
