import { XMLBuilder } from 'fast-xml-parser';

/** An element or a text, in the form that keeps the order of siblings. */
export type XmlNode = Readonly<Record<string, unknown>>;

type Value = string | number | boolean;

const builder = new XMLBuilder({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '@_',
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
});

/** XML 1.0 has no way to write these, escaped or not. */
// eslint-disable-next-line no-control-regex
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** An element; of its children strings and numbers are text, and null is left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, Value>> = {},
  ...children: readonly (XmlNode | string | number | null)[]
): XmlNode {
  const given = Object.entries(attributes).map(([key, value]) => [`@_${key}`, clean(String(value))]);
  const nodes = children
    .filter((child) => child !== null)
    .map((child) => (typeof child === 'object' ? child : { '#text': clean(String(child)) }));
  return {
    [name]: nodes,
    ...(given.length === 0 ? {} : { ':@': Object.fromEntries(given) as Record<string, string> }),
  };
}

/** An element as text, e.g. to stand within another's text. */
export function xmlText(node: XmlNode): string {
  return builder.build([node]);
}

/** The document as text, with QGIS's document type. */
export function qgisDocument(root: XmlNode): string {
  return `<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n${xmlText(root)}\n`;
}

function clean(text: string): string {
  return text.replace(UNWRITABLE, '');
}
