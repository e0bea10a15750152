import { TEXT, TEXT_RIM, rgba, type Colour } from './style-table.js';
import { element, type XmlNode } from './xml.js';

export interface TextLook {
  /** Expression that gives the text; null shows none. */
  readonly text: string;
  /** Points of the text's height. */
  readonly size: number;
  readonly italic?: boolean;
  readonly colour?: Colour;
}

export interface Labels extends TextLook {
  /** Expression that gives the height in its place. */
  readonly sizeBy?: string;
  /** Expression that is true for the features that are labelled. */
  readonly only?: string;
  /** Expression of 0..10: who is placed first where room is short. */
  readonly priorityBy?: string;
  /** Beside a mark, in a mark's place, or along a line. */
  readonly place: 'beside' | 'over' | 'along';
  /** Millimetres between a mark's middle and its label. */
  readonly distance?: number;
}

/** QGIS's numbers for the ways of placing a label. */
const PLACEMENT = { beside: 6, over: 1, along: 2 } as const;
/** Quadrant "over" of an offset from a point. */
const MIDDLE = 4;
/** On the line itself. */
const ON_LINE = 1;

export function labeling(labels: Labels): XmlNode {
  const { place, distance = 0 } = labels;
  const settings = element(
    'settings',
    {},
    textStyle(labels),
    element('placement', {
      placement: PLACEMENT[place],
      placementFlags: ON_LINE,
      quadOffset: MIDDLE,
      dist: distance,
      distUnits: 'MM',
      // From the point itself: the bounds of a mark at the map's seam span the whole map.
      offsetType: 0,
      predefinedPositionOrder: 'TR,TL,BR,BL,R,L,TSR,BSR',
      priority: 5,
      repeatDistance: 0,
      overrunDistance: 0,
      lineAnchorPercent: 0.5,
    }),
    element('rendering', {
      drawLabels: 1,
      obstacle: 0,
      displayAll: 0,
      mergeLines: 0,
      upsidedownLabels: 0,
      scaleVisibility: 0,
      fontLimitPixelSize: 0,
      minFeatureSize: 0,
    }),
    properties({
      ...(labels.only === undefined ? {} : { Show: labels.only }),
      ...(labels.sizeBy === undefined ? {} : { Size: labels.sizeBy }),
      ...(labels.priorityBy === undefined ? {} : { Priority: labels.priorityBy }),
    }),
  );
  return element('labeling', { type: 'simple' }, settings);
}

/** Letters with a rim. `text` is an expression. */
export function textStyle({ text, size, italic = false, colour = TEXT }: TextLook): XmlNode {
  return element(
    'text-style',
    {
      fieldName: text,
      isExpression: 1,
      fontFamily: 'Open Sans',
      fontSize: size,
      fontSizeUnit: 'Point',
      fontItalic: italic ? 1 : 0,
      fontWeight: 50,
      textColor: rgba(colour),
      textOpacity: 1,
      multilineHeight: 1,
    },
    element(
      'families',
      {},
      ...['DejaVu Sans', 'Noto Sans', 'Arial'].map((name) => element('family', { name })),
    ),
    element('text-buffer', {
      bufferDraw: 1,
      bufferSize: 1.1,
      bufferSizeUnits: 'MM',
      bufferColor: rgba(TEXT_RIM),
      bufferOpacity: 1,
      bufferNoFill: 1,
      bufferJoinStyle: 128,
    }),
  );
}

/** Settings that an expression gives for each feature. */
function properties(byName: Readonly<Record<string, string>>): XmlNode {
  const all = Object.entries(byName).map(([name, expression]) =>
    element(
      'Option',
      { name, type: 'Map' },
      element('Option', { name: 'active', type: 'bool', value: true }),
      element('Option', { name: 'expression', type: 'QString', value: expression }),
      element('Option', { name: 'type', type: 'int', value: 3 }),
    ),
  );
  return element(
    'dd_properties',
    {},
    element(
      'Option',
      { type: 'Map' },
      element('Option', { name: 'name', type: 'QString', value: '' }),
      element('Option', { name: 'properties', type: 'Map' }, ...all),
      element('Option', { name: 'type', type: 'QString', value: 'collection' }),
    ),
  );
}
