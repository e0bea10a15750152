import { createHash } from 'node:crypto';
import { element, type XmlNode } from './xml.js';

/** Opens an address from a feature: in the attribute table, its form and on the map. */
export interface Action {
  readonly name: string;
  readonly shortTitle: string;
  /** Expression that gives the address. */
  readonly url: string;
}

/** QGIS's number for actions that open an address. */
const OPEN_URL = 5;

export function attributeActions(layer: string, actions: readonly Action[]): XmlNode {
  return element(
    'attributeactions',
    {},
    ...actions.map(({ name, shortTitle, url }) =>
      element(
        'actionsetting',
        {
          id: stableUuid(`${layer} ${name}`),
          type: OPEN_URL,
          name,
          shortTitle,
          action: `[% ${url} %]`,
          icon: '',
          notificationMessage: '',
          capture: 0,
          isEnabledOnlyWhenEditable: 0,
        },
        ...['Canvas', 'Feature', 'Field'].map((id) => element('actionScope', { id })),
      ),
    ),
  );
}

/** The same for the same text, so that a style made again is the same style. */
export function stableUuid(text: string): string {
  const hex = createHash('sha256').update(`selenoscan qgis ${text}`).digest('hex');
  return `{${[hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')}}`;
}
