import { XMLParser } from 'fast-xml-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { element, qgisDocument, xmlText } from '../../../src/exports/qgis/xml.js';

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: true,
});

/** What XML 1.0 can write, but for line ends, which a parser changes. */
const text = fc
  .string({ unit: 'grapheme', minLength: 1 })
  // eslint-disable-next-line no-control-regex
  .filter((value) => !/[\u0000-\u001f\ufffe\uffff]/.test(value));

describe('an XML document', () => {
  it('gives back any text and attribute as it was', () => {
    fc.assert(
      fc.property(text, text, (inner, value) => {
        const read = parser.parse(xmlText(element('a', { k: value }, inner))) as {
          a: { '#text': string; k: string };
        };
        expect(read.a).toEqual({ '#text': inner, k: value });
      }),
    );
  });

  it('leaves out what XML cannot write, and no quote breaks out of an attribute', () => {
    const written = xmlText(element('a', { k: "\"><b x='1'&\u0000" }, '</a>\u0001'));
    expect(written).toBe('<a k="&quot;&gt;&lt;b x=&apos;1&apos;&amp;">&lt;/a&gt;</a>');
  });

  it('keeps the order of its children, and names its type', () => {
    const document = qgisDocument(element('q', {}, element('b'), null, element('a'), element('b')));
    expect(document).toBe(
      "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<q><b/><a/><b/></q>\n",
    );
  });
});
