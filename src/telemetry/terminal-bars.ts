import cliProgress, { type MultiBar, type SingleBar } from 'cli-progress';

/**
 * Bars at the bottom of a terminal, each in a line of its own, and the text that goes above them. Text that is written
 * past them stands in the way of a bar, and is overwritten by the next.
 */
export class TerminalBars {
  readonly #terminal: NodeJS.WritableStream;
  #shown: MultiBar | null = null;
  #bars = 0;

  constructor(terminal: NodeJS.WritableStream) {
    this.#terminal = terminal;
  }

  /** @param format as cli-progress takes it */
  add(format: string, total: number): SingleBar {
    this.#shown ??= new cliProgress.MultiBar({
      stream: this.#terminal,
      hideCursor: true,
      clearOnComplete: true,
      // Text above the bars may be longer than a line; bars themselves are cut at the terminal's width.
      linewrap: true,
      // A bar is drawn again where text has taken its place.
      forceRedraw: true,
      etaBuffer: 50,
      // At the start nobody knows, which the library's own format makes digits of.
      formatTime: (seconds, options, step) =>
        Number.isFinite(seconds) ? cliProgress.Format.TimeFormat(seconds, options, step) : '-',
    });
    this.#bars++;
    const bar = this.#shown.create(total, 0, { rate: 0 }, { format });
    this.#shown.update();
    return bar;
  }

  remove(bar: SingleBar): void {
    if (this.#shown?.remove(bar) !== true) return;
    this.#bars--;
    if (this.#bars > 0) return;
    this.#shown.stop();
    this.#shown = null;
  }

  /** Writes whole lines above the bars. @returns false where there are none, and nothing was written */
  above(lines: string): boolean {
    if (this.#shown === null) return false;
    // Each line takes the place of a bar, which may be longer.
    this.#shown.log(lines.replaceAll('\n', '\u001b[K\n'));
    this.#shown.update();
    return true;
  }
}

/** Those of this process. */
export const terminalBars = new TerminalBars(process.stderr);
