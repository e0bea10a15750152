import { readFileSync } from 'node:fs';

let version: string | undefined;

/** Version of the package, kept with every scan as `code_version`. */
export function codeVersion(): string {
  version ??= readVersion();
  return version;
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
