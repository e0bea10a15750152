import type { DetectionFeature } from '../../http/contract.js';
import { scoreColour } from '../colours.js';
import { metresText, placeText } from '../format.js';
import { element, link } from './dom.js';

/** One detection in the list: a button with its chip and facts, and a link to the product. */
export function card(detection: DetectionFeature, isNew: boolean, onSelect: () => void): HTMLLIElement {
  const { properties } = detection;
  const chip = element('img', { className: 'chip' });
  Object.assign(chip, {
    src: properties.chip_url,
    width: 64,
    height: 64,
    alt: '',
    loading: 'lazy',
    decoding: 'async',
  });
  const score = element('strong', { className: 'score', textContent: properties.score.toFixed(2) });
  score.style.color = scoreColour(properties.score);
  const facts = element('span', { className: 'facts' }, [
    element('span', { className: 'line' }, [
      score,
      element('span', { className: 'rank', textContent: `rank ${properties.rank_in_image} in its image` }),
    ]),
    element('span', { className: 'place', textContent: placeOf(detection) }),
    element('span', { className: 'near', textContent: nearOf(detection) }),
    ...(properties.known_object === null
      ? []
      : [element('span', { className: 'known', textContent: knownText(detection) })]),
  ]);
  const button = element('button', { className: 'card', type: 'button', tabIndex: -1 }, [chip, facts]);
  button.addEventListener('click', onSelect);
  const product = link(properties.product_url, properties.product_id);
  product.className = 'product';
  product.tabIndex = -1;
  const item = element('li', {}, [button, product]);
  item.dataset['id'] = String(detection.id);
  item.classList.toggle('is-known', properties.known_object !== null);
  item.classList.toggle('is-new', isNew);
  return item;
}

export function placeOf({ properties }: DetectionFeature): string {
  const { lon, lat, uncertainty_m: uncertainty } = properties;
  if (lon === null || lat === null) return 'No place: the image has no geometry';
  return `${placeText(lon, lat)}${uncertainty === null ? '' : ` ± ${metresText(uncertainty)}`}`;
}

export function nearOf({ properties }: DetectionFeature): string {
  const { nearest_feature: near, width_m: width, height_m: height } = properties;
  const size = width === null || height === null ? '' : `${metresText(width)} × ${metresText(height)}`;
  return [near ?? '', size].filter((part) => part !== '').join(' · ');
}

export function knownText({ properties }: DetectionFeature): string {
  const { known_object: name, known_object_distance_m: distance } = properties;
  return distance === null ? `Known: ${name}` : `Known: ${name}, ${metresText(distance)} away`;
}
