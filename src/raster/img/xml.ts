import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** Elements that may stand several times; all others are taken once. */
const REPEATED = new Set([
  'Array_2D_Image',
  'Array_3D_Image',
  'Array_3D_Spectrum',
  'Axis_Array',
  'File_Area_Observational',
]);

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  // A label needs none, and a hostile one could grow without end by them.
  processEntities: false,
  isArray: (name) => REPEATED.has(name),
});

/** An element of an XML document: its text, or its children. */
export class XmlElement {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  /** The text of the element, `''` when it is absent or has children. */
  get text(): string {
    const value = this.#record?.['#text'] ?? this.#value;
    return typeof value === 'string' ? value.trim() : '';
  }

  get exists(): boolean {
    return this.#value !== undefined;
  }

  /** The element at the end of a path of names without prefixes; the first one where several stand. */
  at(...path: readonly string[]): XmlElement {
    let value = this.#value;
    for (const name of path) value = first(recordOf(first(value))?.[name]);
    return new XmlElement(value);
  }

  all(name: string): XmlElement[] {
    const value = this.#record?.[name];
    return (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(
      (each) => new XmlElement(each),
    );
  }

  get #record(): Readonly<Record<string, unknown>> | null {
    return recordOf(first(this.#value));
  }
}

/** @throws SyntaxError when the text is no XML document */
export function parseXml(text: string): XmlElement {
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw new SyntaxError(`${valid.err.msg.replace(/\.$/, '')} at line ${valid.err.line}`);
  try {
    return new XmlElement(parser.parse(text));
  } catch (error) {
    // What the validator lets pass the parser may still refuse, by an error of no class of its own.
    throw new SyntaxError(error instanceof Error ? error.message.replace(/\.$/, '') : String(error), {
      cause: error,
    });
  }
}

function first(value: unknown): unknown {
  return Array.isArray(value) ? (value as unknown[])[0] : value;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
}
