import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs real QGIS, without its windows. */

const DRIVER = fileURLToPath(new URL('driver.py', import.meta.url));
/** Debian's QGIS is built for Debian's Python, which need not be the first on the path. */
const PYTHONS = ['/usr/bin/python3', 'python3'];

const hidden = (process.env['SELENOSCAN_TEST_WITHOUT'] ?? '').split(',').includes('qgis');
const python = hidden
  ? undefined
  : PYTHONS.find(
      (program) => spawnSync(program, ['-c', 'import qgis.core'], { stdio: 'ignore' }).status === 0,
    );

/** Why QGIS is not there, or null where it is. SELENOSCAN_TEST_WITHOUT=qgis hides it. */
export function qgisMissing(): string | null {
  return python === undefined
    ? 'QGIS is not installed: apt-get install --no-install-recommends qgis python3-qgis'
    : null;
}

export interface QgisAnswer<T> {
  readonly answer: T;
  /** Warnings and errors of QGIS's message log. */
  readonly messages: readonly string[];
  readonly version: string;
}

/** Asks the driver; `told` hears its lines on stderr. */
export function askQgis<T>(
  request: Readonly<Record<string, unknown>>,
  told?: (line: string) => void,
): Promise<QgisAnswer<T>> {
  if (python === undefined) throw new Error(qgisMissing() ?? '');
  const child = spawn(python, [DRIVER], {
    env: { ...process.env, QT_QPA_PLATFORM: 'offscreen', TZ: 'UTC', XDG_RUNTIME_DIR: '/tmp' },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    told?.(chunk.toString());
  });
  child.stdin.end(JSON.stringify(request));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const line = stdout.trim().split('\n').at(-1) ?? '';
      if (code === 0 && line.startsWith('{')) resolve(JSON.parse(line) as QgisAnswer<T>);
      else reject(new Error(`QGIS ended with ${code}: ${stderr}`));
    });
  });
}
