import { MAX_NOTE, VERDICTS, type Verdict } from '../../domain/review.js';
import type { DetectionDetail, DetectionFeature } from '../../http/contract.js';
import { scoreColour } from '../colours.js';
import { metresText, timeText } from '../format.js';
import { VERDICT_WORDS, verdictText } from '../review/verdicts.js';
import { byId, element, link } from './dom.js';
import { knownText, nearOf, placeOf } from './texts.js';

export interface DetailEvents {
  verdict(verdict: Verdict): void;
  note(text: string): void;
  undo(): void;
  closeUp(): void;
  close(): void;
}

type Reviews = DetectionDetail['reviews'];

/** The selected detection: its four pictures side by side, what is known of it, and what is to be said of it. */
export class Detail {
  readonly #root = byId('detail', HTMLElement);
  readonly #events: DetailEvents;
  readonly #head = element('div', { className: 'detail-head' });
  readonly #pictures = element('div', { className: 'pictures' });
  readonly #said = element('p', { className: 'said' });
  readonly #note = element('textarea', {
    id: 'note',
    rows: 2,
    maxLength: MAX_NOTE,
    placeholder: 'Note: Enter keeps it, Shift+Enter begins a line, Escape leaves it',
    ariaLabel: 'Note',
    hidden: true,
  });
  readonly #verdicts = new Map<Verdict, HTMLButtonElement>();
  readonly #undo: HTMLButtonElement;
  #shown: number | null = null;

  constructor(events: DetailEvents) {
    this.#events = events;
    for (const verdict of VERDICTS) {
      const { button: text, key } = VERDICT_WORDS[verdict];
      const made = keyed(text, key.toUpperCase(), () => events.verdict(verdict));
      made.classList.add(verdict);
      this.#verdicts.set(verdict, made);
    }
    this.#undo = keyed('Undo', 'U', () => events.undo());
    const bar = element('div', { className: 'verdicts', role: 'group', ariaLabel: 'Verdict' }, [
      ...this.#verdicts.values(),
      keyed('Note', 'N', () => this.openNote()),
      this.#undo,
      this.#said,
    ]);
    this.#note.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.closeNote();
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#events.note(this.#note.value);
      this.closeNote();
    });
    this.#root.replaceChildren(this.#head, this.#pictures, bar, this.#note);
  }

  /** @param reviews what each reviewer says; null where that is still asked for */
  show(detection: DetectionFeature | null, reviews: Reviews | null, me: string, undoable: boolean): void {
    this.#root.hidden = detection === null;
    if (detection === null) {
      this.#shown = null;
      return;
    }
    const { properties, id } = detection;
    if (this.#shown !== id) {
      this.closeNote();
      this.#pictures.replaceChildren(
        picture(properties.chip_url, 'Tile', '64 × 64 px as scored'),
        picture(properties.reconstruction_url, 'Reconstruction', 'by the model'),
        picture(properties.error_url, 'Error', 'where the two differ'),
        picture(properties.context_url, 'Context', 'box = the tile'),
        facts(detection),
      );
      this.#head.replaceChildren(...this.#heading(detection));
    }
    this.#shown = id;
    const mine = reviews?.find(({ reviewer }) => reviewer === me);
    for (const [verdict, button] of this.#verdicts)
      button.ariaPressed = String((mine?.verdict ?? properties.review) === verdict);
    this.#undo.disabled = !undoable;
    this.#said.replaceChildren(...saidOf(detection, reviews));
    if (this.#note.hidden) this.#note.value = mine?.note ?? '';
  }

  openNote(): void {
    if (this.#root.hidden) return;
    this.#note.hidden = false;
    this.#note.focus();
  }

  closeNote(): void {
    if (this.#note.hidden) return;
    this.#note.hidden = true;
    byId('grid', HTMLElement).focus({ preventScroll: true });
  }

  #heading(detection: DetectionFeature): Node[] {
    const { score } = detection.properties;
    const figure = element('strong', { textContent: score.toFixed(2) });
    figure.style.color = scoreColour(score);
    const near = button('Close-up', 'Zoom in to the uncertainty circle (Enter)', () =>
      this.#events.closeUp(),
    );
    near.disabled = detection.geometry === null;
    return [
      element('h2', {}, ['Score ', figure]),
      element('p', {
        textContent: [placeOf(detection), nearOf(detection)].filter((text) => text !== '').join(' · '),
      }),
      near,
      button('Close', 'Close (Escape)', () => this.#events.close()),
    ];
  }
}

/** Who said what, in one line. */
function saidOf({ properties }: DetectionFeature, reviews: Reviews | null): (Node | string)[] {
  if (reviews === null) return [];
  const each = reviews.map(({ reviewer, verdict, note }) =>
    [`${reviewer}: ${verdict === null ? 'note' : verdictText(verdict).toLowerCase()}`, note ?? '']
      .filter((text) => text !== '')
      .join(', '),
  );
  if (each.length > 0) return [each.join(' · ')];
  return properties.review === null
    ? ['Not reviewed']
    : [`${verdictText(properties.review)}, as said of this place before`];
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
    ['Rank', `${properties.rank_in_image} in its image`],
    ['Pixel', `line ${properties.line.toFixed(0)}, sample ${properties.sample.toFixed(0)}`],
    ['Incidence', angle(properties.incidence_deg)],
    [
      'Sun from',
      properties.sun_azimuth_deg === null ? '–' : `${properties.sun_azimuth_deg.toFixed(0)}° from north`,
    ],
    ['Resolution', properties.resolution_m === null ? '–' : `${metresText(properties.resolution_m)} a pixel`],
    ['Known', properties.known_object === null ? 'none here' : knownText(detection)],
    ['Site', properties.site_status ?? '–'],
    ['Model', properties.model_id],
  ];
  return element(
    'dl',
    {},
    rows.flatMap(([term, value]) => [element('dt', { textContent: term }), element('dd', {}, [value])]),
  );
}

/** A button that tells its key. */
function keyed(text: string, key: string, onClick: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button' }, [text, ' ', element('kbd', { textContent: key })]);
  made.setAttribute('aria-keyshortcuts', key.toLowerCase());
  made.addEventListener('click', onClick);
  return made;
}

function button(text: string, title: string, onClick: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', textContent: text, title });
  made.addEventListener('click', onClick);
  return made;
}
