import type { DetectionFeature } from '../../http/contract.js';
import { scoreColour } from '../colours.js';
import { verdictSign, verdictText } from '../review/verdicts.js';
import { element } from './dom.js';
import { placeOf } from './texts.js';

/** How a cell stands in the grid. */
export interface CellLook {
  readonly selected: boolean;
  /** Came while the page was open. */
  readonly fresh: boolean;
  /** 0-based place in the order, of so many. */
  readonly place: number;
  readonly total: number;
}

/** A detection as one chip of the grid. @param there its element so far, whose picture stays */
export function cell(detection: DetectionFeature, look: CellLook, there?: HTMLElement): HTMLElement {
  const { id, properties } = detection;
  const { score, review, known_object: known, chip_url: url } = properties;
  const node = there ?? element('div', { className: 'cell', role: 'option', id: `cell-${id}` });
  const kept = node.querySelector('img');
  const image = kept?.getAttribute('src') === url ? kept : picture(url);
  const figure = element('strong', { className: 'score', textContent: score.toFixed(2) });
  figure.style.color = scoreColour(score);
  const signs = [
    ...(known === null ? [] : [element('span', { className: 'at-known', textContent: '◆' })]),
    ...(review === null
      ? []
      : [element('span', { className: `sign ${review}`, textContent: verdictSign(review) })]),
  ];
  node.replaceChildren(image, element('span', { className: 'under' }, [figure, ...signs]));
  node.dataset['id'] = String(id);
  node.dataset['review'] = review ?? '';
  node.classList.toggle('is-selected', look.selected);
  node.classList.toggle('is-new', look.fresh);
  node.classList.toggle('is-reviewed', review !== null);
  node.ariaSelected = String(look.selected);
  node.ariaPosInSet = String(look.place + 1);
  node.ariaSetSize = String(look.total);
  node.ariaLabel = labelOf(detection);
  node.title = labelOf(detection);
  return node;
}

function picture(url: string): HTMLImageElement {
  return element('img', { src: url, alt: '', width: 64, height: 64, decoding: 'async', draggable: false });
}

function labelOf(detection: DetectionFeature): string {
  const { score, review, known_object: known, nearest_feature: near } = detection.properties;
  return [
    `Score ${score.toFixed(2)}`,
    placeOf(detection),
    near ?? '',
    known === null ? '' : `known object ${known}`,
    review === null ? 'not reviewed' : verdictText(review),
  ]
    .filter((part) => part !== '')
    .join(', ');
}
