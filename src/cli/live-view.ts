import { setTimeout as sleep } from 'node:timers/promises';

const HOME = '\x1b[H';
const TO_END_OF_LINE = '\x1b[K';
const TO_END_OF_SCREEN = '\x1b[J';
const OTHER_SCREEN = '\x1b[?1049h\x1b[?25l';
const FORMER_SCREEN = '\x1b[?25h\x1b[?1049l';

/** Where the view is drawn. */
export interface Screen {
  readonly rows?: number | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** One frame: drawn over the one before it, so that nothing flickers; what does not fit is cut off. */
export function frame(lines: readonly string[], { rows = 24, columns = 80 }: Screen): string {
  const shown = lines.slice(0, rows - 1).map((line) => line.slice(0, columns) + TO_END_OF_LINE);
  return `${HOME}${shown.join('\n')}\n${TO_END_OF_SCREEN}`;
}

/**
 * Draws what `look` gives, again and again, on the terminal's other screen; leaves the former one as it was.
 * @param signal ends the view
 */
export async function showLive(
  screen: Screen,
  everyMs: number,
  look: () => Promise<readonly string[]>,
  signal: AbortSignal,
): Promise<void> {
  screen.write(OTHER_SCREEN);
  try {
    while (!signal.aborted) {
      screen.write(frame(await look(), screen));
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    screen.write(FORMER_SCREEN);
  }
}
