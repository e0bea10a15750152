import { attributeActions } from './actions.js';
import { VIEW_STYLES, type ViewStyle } from './view-styles.js';
import { element, qgisDocument, type XmlNode } from './xml.js';

/** Version of QGIS whose form is written: later ones read it, too. */
export const QGIS_VERSION = '3.22.16';

/** What a style sets, so that it leaves the rest of a layer as it is. */
const CATEGORIES = 'Symbology|Labeling|Fields|MapTips|Actions|Temporal';

/** A layer's style as a QML file holds it, e.g. for `layer_styles`. */
export function styleDocument(style: ViewStyle): string {
  return qgisDocument(
    element(
      'qgis',
      {
        version: QGIS_VERSION,
        styleCategories: CATEGORIES,
        labelsEnabled: style.labeling === undefined ? 0 : 1,
      },
      ...styleElements(style),
    ),
  );
}

/** The same elements for a layer of a project. */
export function styleElements(style: ViewStyle): XmlNode[] {
  return [
    ...(style.moment === undefined ? [] : [temporal(style.moment)]),
    style.renderer,
    ...(style.labeling === undefined ? [] : [style.labeling]),
    element('blendMode', {}, 0),
    element('featureBlendMode', {}, 0),
    element('layerOpacity', {}, 1),
    attributeActions(style.view, style.actions),
    element('previewExpression', {}, style.display),
    element('mapTip', {}, style.mapTip),
  ];
}

/** The temporal controller shows features at their moment; while it is off it changes nothing. */
function temporal(field: string): XmlNode {
  return element(
    'temporal',
    {
      enabled: 1,
      mode: 1,
      limitMode: 0,
      startField: field,
      endField: '',
      startExpression: '',
      endExpression: '',
      durationField: '',
      durationUnit: 'd',
      fixedDuration: 30,
      accumulate: 0,
    },
    element('fixedRange', {}, element('start'), element('end')),
  );
}

/** A style of QGIS for a view of the schema `selenoscan`, or a table that bears its name. */
export interface NamedStyle {
  readonly layer: string;
  readonly name: string;
  readonly qml: string;
}

/** The styles of all views. */
export function layerStyles(): NamedStyle[] {
  return VIEW_STYLES.map((style) => ({
    layer: style.view,
    name: 'Selenoscan',
    qml: styleDocument(style),
  }));
}
