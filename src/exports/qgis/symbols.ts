import { EDGE, rgba, withAlpha, type Colour } from './style-table.js';
import { element, type XmlNode } from './xml.js';

/** Symbols of QGIS. Sizes and widths are millimetres. */

export type Shape = 'circle' | 'diamond' | 'square' | 'star' | 'cross2';

/** Given the symbol's name within its renderer. */
export type Symbol = (name: string) => XmlNode;

/** A filled mark with a thin dark edge. */
export function mark(shape: Shape, colour: Colour, size: number): Symbol {
  return symbol('marker', [
    layer('SimpleMarker', {
      name: shape,
      color: rgba(colour),
      size,
      outline_color: rgba(EDGE),
      outline_width: 0.25,
      joinstyle: 'miter',
    }),
  ]);
}

/** An empty mark: a coloured line on a wider dark one. */
export function ring(shape: Shape, colour: Colour, size: number): Symbol {
  const line = (lineColour: Colour, width: number) =>
    layer('SimpleMarker', {
      name: shape,
      color: rgba(withAlpha(colour, 0)),
      size,
      outline_color: rgba(lineColour),
      outline_width: width,
      joinstyle: 'miter',
    });
  return symbol('marker', [line(EDGE, 1), line(colour, 0.55)]);
}

/** The edge of an area: a coloured line on a wider dark one, nothing within. */
export function outline(colour: Colour, width: number): Symbol {
  const line = (lineColour: Colour, lineWidth: number) =>
    layer('SimpleLine', { line_color: rgba(lineColour), line_width: lineWidth, joinstyle: 'round' });
  return symbol('fill', [line(withAlpha(EDGE, 200), width * 2.2), line(colour, width)]);
}

/** An area that what lies below shows through. */
export function area(colour: Colour, alpha: number, edgeWidth = 0.2): Symbol {
  return symbol('fill', [
    layer('SimpleFill', {
      color: rgba(withAlpha(colour, alpha)),
      style: 'solid',
      outline_color: rgba(withAlpha(colour, Math.min(255, alpha + 110))),
      outline_style: edgeWidth > 0 ? 'solid' : 'no',
      outline_width: edgeWidth,
      joinstyle: 'miter',
    }),
  ]);
}

export function line(colour: Colour, width: number): Symbol {
  return symbol('line', [layer('SimpleLine', { line_color: rgba(colour), line_width: width })]);
}

function symbol(type: 'marker' | 'line' | 'fill', layers: readonly XmlNode[]): Symbol {
  return (name) => element('symbol', { type, name, alpha: 1, clip_to_extent: 1, force_rhr: 0 }, ...layers);
}

function layer(kind: string, properties: Readonly<Record<string, string | number>>): XmlNode {
  return element('layer', { class: kind, enabled: 1, locked: 0, pass: 0 }, options(properties));
}

/** A map of settings as QGIS writes them; texts, whatever their meaning. */
export function options(properties: Readonly<Record<string, string | number>>): XmlNode {
  const all = Object.entries(properties).map(([name, value]) =>
    element('Option', { name, type: 'QString', value }),
  );
  return element('Option', { type: 'Map' }, ...all);
}
