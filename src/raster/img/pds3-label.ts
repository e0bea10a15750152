/** How a file begins that is or holds a PDS3 label. */
export const PDS3_START = /^\s*(PDS_VERSION_ID\b|CCSD3ZF|ODL_VERSION_ID\b)/;

/** One value of a statement, or one member of its sequence or set. */
export interface Pds3Value {
  readonly text: string;
  /** What stands behind it as `<BYTES>`, in capitals; `''` where nothing does. */
  readonly unit: string;
}

/** The statements of a label or of one OBJECT in it. Names are in capitals. */
export interface Pds3Object {
  readonly name: string;
  readonly values: ReadonlyMap<string, readonly Pds3Value[]>;
  readonly objects: readonly Pds3Object[];
}

export interface Pds3Label extends Pds3Object {
  /** Bytes from the label's first one to the last of its END. */
  readonly end: number;
}

interface OpenObject {
  readonly name: string;
  readonly values: Map<string, Pds3Value[]>;
  readonly objects: OpenObject[];
}

/** Objects in objects that a label may have; LROC's have one level. */
const DEEPEST = 16;

/**
 * Reads a PDS3 label in ODL: `KEYWORD = value`, quoted text over several lines, sequences and sets, units,
 * comments, OBJECTs and GROUPs. What follows END is not looked at. Takes time in proportion to the text.
 *
 * @param text of one character a byte (latin1), so that places in it are byte offsets
 * @throws SyntaxError saying what is wrong at which line
 * @see PDS Standards Reference 3.8, chapter 12
 */
export function parsePds3Label(text: string): Pds3Label {
  const scanner = new Scanner(text);
  const root: OpenObject = { name: '', values: new Map(), objects: [] };
  const open: OpenObject[] = [root];
  for (;;) {
    const key = scanner.keyword();
    if (key === 'END') break;
    const current = open[open.length - 1]!;
    if (key === 'END_OBJECT' || key === 'END_GROUP') {
      if (scanner.skipEquals()) scanner.value();
      if (open.length === 1) scanner.fail(`${key} without its beginning`);
      open.pop();
      continue;
    }
    if (!scanner.skipEquals()) scanner.fail(`${key} without a value`);
    const value = scanner.value();
    if (key === 'OBJECT' || key === 'GROUP') {
      const child = { name: (value[0]?.text ?? '').toUpperCase(), values: new Map(), objects: [] };
      if (open.length > DEEPEST) scanner.fail('too many OBJECTs inside each other');
      current.objects.push(child);
      open.push(child);
    } else if (!current.values.has(key)) current.values.set(key, value);
  }
  if (open.length !== 1) scanner.fail(`OBJECT ${open[open.length - 1]!.name} without its end`);
  return { ...root, end: scanner.at };
}

/** Steps through a label's text. */
class Scanner {
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  fail(what: string): never {
    const line = this.#text.slice(0, this.at).split('\n').length;
    throw new SyntaxError(`${what} at line ${line}`);
  }

  keyword(): string {
    this.#skipBlank();
    if (this.at >= this.#text.length) this.fail('no END');
    const name = this.#match(/\^?[A-Za-z][\w:]*/y);
    if (name === null) this.fail('no keyword');
    return name.toUpperCase();
  }

  skipEquals(): boolean {
    this.#skipBlank();
    if (this.#text[this.at] !== '=') return false;
    this.at++;
    return true;
  }

  /** A value, or all members of a sequence or set, nested ones in a row. */
  value(): Pds3Value[] {
    this.#skipBlank();
    const values: Pds3Value[] = [];
    let depth = 0;
    do {
      const c = this.#text[this.at];
      if (c === undefined) this.fail('a value without an end');
      if (c === '(' || c === '{') depth++;
      else if (c === ')' || c === '}') depth--;
      else if (c !== ',') {
        values.push(this.#scalar(depth > 0));
        this.#skipBlank(depth > 0);
        continue;
      }
      this.at++;
      this.#skipBlank(depth > 0);
    } while (depth > 0);
    return values;
  }

  #scalar(inList: boolean): Pds3Value {
    const quote = this.#text[this.at];
    let text: string;
    if (quote === '"' || quote === "'") {
      const end = this.#text.indexOf(quote, this.at + 1);
      if (end < 0) this.fail('a text without its closing quote');
      text = this.#text.slice(this.at + 1, end).trim();
      this.at = end + 1;
    } else {
      text = this.#match(inList ? /[^\s,(){}<"']+/y : /[^\s<"]+/y) ?? this.fail('no value');
    }
    this.#match(/[ \t]*/y);
    const unit =
      this.#match(/<[^<>\r\n]*>/y)
        ?.slice(1, -1)
        .trim()
        .toUpperCase() ?? '';
    return { text, unit };
  }

  /** Passes blanks and comments; a statement ends with its line unless a list goes on. */
  #skipBlank(overLines = true): void {
    for (;;) {
      this.#match(overLines ? /\s*/y : /[ \t]*/y);
      if (!this.#text.startsWith('/*', this.at)) return;
      const end = this.#text.indexOf('*/', this.at + 2);
      if (end < 0) this.fail('a comment without its end');
      this.at = end + 2;
    }
  }

  #match(sticky: RegExp): string | null {
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.#text)?.[0] ?? null;
    this.at += found?.length ?? 0;
    return found;
  }
}
