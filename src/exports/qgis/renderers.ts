import type { Symbol } from './symbols.js';
import { element, type XmlNode } from './xml.js';

/** How features get their symbols. */

export interface Class {
  readonly label: string;
  readonly symbol: Symbol;
}

/** Both bounds belong to the range; the first range that holds a value takes it. */
export interface Range extends Class {
  readonly from: number;
  readonly to: number;
}

export interface Rule extends Class {
  /** Expression that is true for its features. */
  readonly filter: string;
  /** Seen at scales from 1:near to 1:far. */
  readonly near?: number;
  readonly far?: number;
}

export function single(symbol: Symbol): XmlNode {
  return renderer('singleSymbol', {}, symbols([symbol]));
}

/** @param order expression by whose rising value features are drawn, the last on top */
export function graduated(expression: string, ranges: readonly Range[], order?: string): XmlNode {
  return renderer(
    'graduatedSymbol',
    { attr: expression, graduatedMethod: 'GraduatedColor', enableorderby: order === undefined ? 0 : 1 },
    element(
      'ranges',
      {},
      ...ranges.map(({ from, to, label }, i) =>
        element('range', { lower: from, upper: to, label, symbol: i, render: true }),
      ),
    ),
    symbols(ranges.map(({ symbol }) => symbol)),
    order === undefined
      ? null
      : element('orderby', {}, element('orderByClause', { asc: 1, nullsFirst: 1 }, order)),
  );
}

export function categorized(
  expression: string,
  categories: readonly (Class & { readonly value: string })[],
): XmlNode {
  return renderer(
    'categorizedSymbol',
    { attr: expression },
    element(
      'categories',
      {},
      ...categories.map(({ value, label }, i) =>
        element('category', { value, label, symbol: i, render: true }),
      ),
    ),
    symbols(categories.map(({ symbol }) => symbol)),
  );
}

export function ruled(rules: readonly Rule[]): XmlNode {
  return renderer(
    'RuleRenderer',
    {},
    element(
      'rules',
      { key: 'root' },
      ...rules.map(({ filter, label, near, far }, i) =>
        element('rule', {
          key: `rule-${i}`,
          filter,
          label,
          symbol: i,
          ...(near === undefined ? {} : { scalemindenom: near }),
          ...(far === undefined ? {} : { scalemaxdenom: far }),
        }),
      ),
    ),
    symbols(rules.map(({ symbol }) => symbol)),
  );
}

/** Features are not drawn, but labelled. */
export function unseen(): XmlNode {
  return renderer('nullSymbol', {});
}

function renderer(
  type: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly (XmlNode | null)[]
): XmlNode {
  const plain = { forceraster: 0, symbollevels: 0, enableorderby: 0, referencescale: -1 };
  return element('renderer-v2', { type, ...plain, ...attributes }, ...children);
}

function symbols(all: readonly Symbol[]): XmlNode {
  return element('symbols', {}, ...all.map((symbol, i) => symbol(String(i))));
}
