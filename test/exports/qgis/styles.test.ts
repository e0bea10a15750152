import { XMLParser, XMLValidator } from 'fast-xml-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layerStyles, styleDocument, styleElements } from '../../../src/exports/qgis/layer-style.js';
import { SCORE_CLASSES } from '../../../src/exports/qgis/style-table.js';
import { VIEW_STYLES, viewStyle } from '../../../src/exports/qgis/view-styles.js';
import { xmlText } from '../../../src/exports/qgis/xml.js';

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', parseAttributeValue: true });

interface Range {
  readonly lower: number;
  readonly upper: number;
  readonly label: string;
  readonly symbol: number;
}

function ranges(view: string): Range[] {
  const read = parser.parse(styleDocument(viewStyle(view))) as {
    qgis: { 'renderer-v2': { ranges: { range: Range[] } } };
  };
  return read.qgis['renderer-v2'].ranges.range;
}

/** As QGIS looks it up: the first range that holds the value. */
function classOf(view: string, value: number): string | undefined {
  return ranges(view).find(({ lower, upper }) => value >= lower && value <= upper)?.label;
}

describe('the styles of QGIS', () => {
  it('are well-formed, of every view that has a place, and the same each time', () => {
    expect(layerStyles().map(({ layer }) => layer)).toEqual([
      'detections',
      'detection_outlines',
      'sites',
      'coverage',
      'coverage_cells',
      'known_objects',
      'features',
    ]);
    for (const { qml } of layerStyles()) expect(XMLValidator.validate(qml)).toBe(true);
    expect(layerStyles()).toEqual(layerStyles());
  });

  it('put every score into the class that it belongs to, also on a bound', () => {
    fc.assert(
      fc.property(fc.double({ min: -999, max: 999, noNaN: true }), (score) => {
        const expected = SCORE_CLASSES.find(({ from }) => score >= from)?.label;
        expect(classOf('detections', score)).toBe(expected);
        expect(classOf('detection_outlines', score)).toBe(expected);
      }),
    );
    expect(classOf('detections', 8)).toBe('8 and more');
    expect(classOf('detections', 6)).toBe('6 to 8: 1 tile in a million');
    expect(classOf('detections', 3)).toBe('3 to 4: 1 in 1000');
    expect(classOf('detections', 2.999)).toBe('below 3');
  });

  it('keep known objects apart from every score', () => {
    expect(classOf('detections', -10_000)).toBe('at a known object');
    expect(xmlText(viewStyle('detections').renderer)).toContain(
      'CASE WHEN &quot;known_object&quot; IS NULL THEN &quot;score&quot; ELSE -10000 END',
    );
  });

  it('have a class for every age of coverage', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 30_000, noNaN: true }), (days) => {
        expect(classOf('coverage', days)).toBeDefined();
        expect(classOf('coverage_cells', days)).toBe(classOf('coverage', days));
      }),
    );
    expect(classOf('coverage', 10)).toBe('within a month');
    expect(classOf('coverage', 400)).toBe('one to three years ago');
  });

  it('mark colours apart by brightness as well: each better class of score is darker', () => {
    const luminance = SCORE_CLASSES.slice(0, -1).map(
      ({ colour: [r, g, b] }) => 0.2126 * r + 0.7152 * g + 0.0722 * b,
    );
    expect(luminance).toEqual([...luminance].sort((a, b) => a - b));
  });

  it('show a picture, the place and what is near in the map tip, and leave out what is not known', () => {
    const { mapTip } = viewStyle('detections');
    expect(mapTip).toContain('<img src="[% "chip_url" %]"');
    for (const column of ['uncertainty_m', 'nearest_feature', 'known_object', 'score', 'lon', 'lat'])
      expect(mapTip).toContain(`"${column}"`);
    expect(mapTip.match(/\[%/g)).toHaveLength(mapTip.match(/%\]/g)?.length ?? 0);
  });

  it('are in a project what they are in a style document', () => {
    for (const style of VIEW_STYLES) {
      const elements = styleElements(style).map(xmlText).join('');
      expect(styleDocument(style)).toContain(elements);
    }
  });
});
