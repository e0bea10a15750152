import type { DetectionFeature } from '../../http/contract.js';
import { scoreColour } from '../colours.js';
import { metresText, timeText } from '../format.js';
import { knownText, nearOf, placeOf } from './card.js';
import { element, link } from './dom.js';

export interface DetailEvents {
  closeUp(): void;
  close(): void;
}

/** The selected detection: its four pictures side by side and what is known of it. */
export function showDetail(
  root: HTMLElement,
  detection: DetectionFeature | null,
  events: DetailEvents,
): void {
  root.hidden = detection === null;
  if (detection === null) {
    root.replaceChildren();
    return;
  }
  const { properties } = detection;
  const score = element('strong', { textContent: properties.score.toFixed(2) });
  score.style.color = scoreColour(properties.score);
  const near = button('Close-up', 'Zoom in to the uncertainty circle (Enter)', () => events.closeUp());
  near.disabled = detection.geometry === null;
  root.replaceChildren(
    element('div', { className: 'detail-head' }, [
      element('h2', {}, ['Score ', score]),
      element('p', {
        textContent: [placeOf(detection), nearOf(detection)].filter((text) => text !== '').join(' · '),
      }),
      near,
      button('Close', 'Close (Escape)', () => events.close()),
    ]),
    element('div', { className: 'pictures' }, [
      picture(properties.chip_url, 'Tile', '64 × 64 px as scored'),
      picture(properties.reconstruction_url, 'Reconstruction', 'what the model expects'),
      picture(properties.error_url, 'Error', 'where the two differ'),
      picture(properties.context_url, 'Context', 'box = the tile'),
      facts(detection),
    ]),
  );
}

function picture(url: string, title: string, note: string): HTMLElement {
  const image = element('img', { src: url, alt: `${title}: ${note}` });
  return element('figure', { className: title.toLowerCase() }, [
    image,
    element('figcaption', {}, [title, element('span', { textContent: note })]),
  ]);
}

function facts(detection: DetectionFeature): HTMLElement {
  const { properties } = detection;
  const angle = (value: number | null) => (value === null ? '–' : `${value.toFixed(1)}°`);
  const rows: [string, Node | string][] = [
    ['Image', link(properties.product_url, properties.product_id)],
    ['Taken', timeText(properties.observed_at)],
    ['Rank in image', String(properties.rank_in_image)],
    ['Line, sample', `${properties.line.toFixed(0)}, ${properties.sample.toFixed(0)}`],
    ['Incidence', angle(properties.incidence_deg)],
    [
      'Sun from',
      properties.sun_azimuth_deg === null ? '–' : `${properties.sun_azimuth_deg.toFixed(0)}° from north`,
    ],
    ['Pixel', properties.resolution_m === null ? '–' : metresText(properties.resolution_m)],
    [
      'Known object',
      properties.known_object === null ? 'none here' : knownText(detection).replace('Known: ', ''),
    ],
    ['Model', properties.model_id],
  ];
  return element(
    'dl',
    {},
    rows.flatMap(([term, value]) => [element('dt', { textContent: term }), element('dd', {}, [value])]),
  );
}

function button(text: string, title: string, onClick: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', textContent: text, title });
  made.addEventListener('click', onClick);
  return made;
}
