import { Writable } from 'node:stream';

/** A terminal without a bottom: what its screen shows after the writes so far, by the controls that bars use. */
export class Screen extends Writable {
  readonly isTTY = true;
  readonly columns: number;
  #rows: string[][] = [[]];
  #row = 0;
  #column = 0;
  #wraps = true;
  #saved: readonly [number, number] = [0, 0];

  constructor(columns = 80) {
    super({ decodeStrings: false });
    this.columns = columns;
  }

  /** Without what is empty at its end. */
  get text(): string {
    const rows = this.#rows.map((row) =>
      Array.from(row, (sign) => sign ?? ' ')
        .join('')
        .trimEnd(),
    );
    return rows.join('\n').trimEnd();
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    // eslint-disable-next-line no-control-regex
    for (const [part, final] of chunk.matchAll(/\x1b\[[?\d;]*([A-Za-z])|\x1b[78]|[^]/gu))
      if (part.startsWith('\x1b')) this.#control(part, final);
      else this.#put(part);
    done();
  }

  #put(sign: string): void {
    if (sign === '\r') this.#column = 0;
    else if (sign === '\n') this.#to(this.#row + 1, 0);
    else {
      if (this.#column === this.columns && this.#wraps) this.#to(this.#row + 1, 0);
      else if (this.#column === this.columns) this.#column--;
      this.#rows[this.#row]![this.#column++] = sign;
    }
  }

  #control(sequence: string, final: string | undefined): void {
    const count = Number(/\d+/.exec(sequence)?.[0] ?? NaN);
    const row = this.#rows[this.#row]!;
    if (sequence === '\x1b7') this.#saved = [this.#row, this.#column];
    else if (sequence === '\x1b8') this.#to(...this.#saved);
    else if (sequence.startsWith('\x1b[?7')) this.#wraps = final === 'h';
    else if (final === 'A') this.#to(Math.max(0, this.#row - count), this.#column);
    else if (final === 'B') this.#to(this.#row + count, this.#column);
    else if (final === 'G') this.#column = (count || 1) - 1;
    else if (final === 'K') row.splice(count === 2 ? 0 : this.#column);
    else if (final === 'J') {
      row.splice(this.#column);
      this.#rows.splice(this.#row + 1);
    } else if (!/[hl]/.test(final ?? '')) throw new Error(`unknown: ${JSON.stringify(sequence)}`);
  }

  #to(row: number, column: number): void {
    this.#row = row;
    this.#column = column;
    while (this.#rows.length <= row) this.#rows.push([]);
  }
}
