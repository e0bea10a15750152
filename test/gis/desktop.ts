import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const SCRIPT = fileURLToPath(new URL('desktop.py', import.meta.url));

/** Why QGIS's desktop cannot be shown to nobody, or null where it can. */
export function desktopMissing(): string | null {
  const there = (program: string) => spawnSync('which', [program], { stdio: 'ignore' }).status === 0;
  return there('xvfb-run') && there('qgis')
    ? null
    : 'the desktop needs a screen: apt-get install --no-install-recommends qgis xvfb xauth';
}

export interface Seen {
  /** Warnings and errors that the desktop's users are told. */
  readonly messages: readonly string[];
  /** What the measuring tool shows of the line. */
  readonly measured: readonly string[];
  /** Text of the bar above the map, or null. */
  readonly bar: string | null;
  readonly canvases: readonly { readonly name: string; readonly crs: string }[];
}

export interface DesktopRequest {
  readonly project: string;
  /** Where a picture of the window is put. */
  readonly picture: string;
  /** For files that come and go. */
  readonly folder: string;
  /** Two places of the main map, in its coordinates, that a user measures between. */
  readonly line: readonly (readonly [number, number])[];
}

/** Opens a project in QGIS's desktop, on a screen that nobody sees, with a profile of its own. */
export async function openInDesktop({ project, picture, folder, line }: DesktopRequest): Promise<Seen> {
  const answer = join(folder, 'desktop.json');
  const options = [
    '--nologo',
    '--noversioncheck',
    '--profiles-path',
    join(folder, 'profile'),
    '--code',
    SCRIPT,
  ];
  const env = { ...process.env };
  delete env['QT_QPA_PLATFORM'];
  await run('xvfb-run', ['-a', '-s', '-screen 0 1600x1000x24', 'qgis', ...options], {
    timeout: 180_000,
    env: {
      ...env,
      // Debian's, where another Python comes first.
      PYTHONPATH: '/usr/lib/python3/dist-packages',
      SELENOSCAN_PROJECT: project,
      SELENOSCAN_PICTURE: picture,
      SELENOSCAN_LINE: JSON.stringify(line),
      SELENOSCAN_ANSWER: answer,
    },
  });
  return JSON.parse(await readFile(answer, 'utf8')) as Seen;
}
