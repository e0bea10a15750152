import type { CoverageFeature } from '../../http/contract.js';
import type { DetectionFilter, Order } from '../api.js';
import { byId, element } from './dom.js';

/** The form over the grid. */
export class Filters {
  readonly #form = byId('filters', HTMLFormElement);
  readonly #product = byId('product', HTMLSelectElement);
  readonly #minScore = byId('min-score', HTMLInputElement);
  readonly #minScoreText = byId('min-score-text', HTMLOutputElement);
  readonly #reviewer = byId('reviewed-by', HTMLSelectElement);
  readonly #order = byId('order', HTMLSelectElement);
  readonly #inView = byId('in-view', HTMLInputElement);
  readonly #more = byId('more-count', HTMLElement);
  readonly #fields = {
    known: byId('known', HTMLSelectElement),
    siteStatus: byId('site-status', HTMLSelectElement),
    review: byId('review-state', HTMLSelectElement),
    since: byId('since', HTMLInputElement),
    until: byId('until', HTMLInputElement),
    minIncidence: byId('min-incidence', HTMLInputElement),
    maxIncidence: byId('max-incidence', HTMLInputElement),
  } as const;

  constructor(events: { changed(): void; product(productId: string): void }) {
    this.#form.addEventListener('submit', (event) => event.preventDefault());
    this.#form.addEventListener('input', (event) => {
      this.#tell();
      if (event.target instanceof HTMLInputElement && !event.target.validity.valid) return;
      if (event.target === this.#product) events.product(this.#product.value);
      events.changed();
    });
    byId('clear', HTMLButtonElement).addEventListener('click', () => {
      this.#form.reset();
      this.#tell();
      events.changed();
    });
    this.#tell();
  }

  get inView(): boolean {
    return this.#inView.checked;
  }

  get order(): Order {
    return this.#order.value === 'learned' ? 'learned' : 'score';
  }

  get value(): Omit<DetectionFilter, 'bbox'> {
    const { known, siteStatus, review, since, until, minIncidence, maxIncidence } = this.#fields;
    return {
      product: this.#product.value,
      minScore: Number(this.#minScore.value),
      known: known.value,
      siteStatus: siteStatus.value,
      review: review.value,
      reviewer: this.#reviewer.value,
      since: since.value,
      // The last day itself is meant, too.
      until: until.value === '' ? '' : dayAfter(until.value),
      minIncidence: minIncidence.value,
      maxIncidence: maxIncidence.value,
    };
  }

  focus(): void {
    this.#fields.review.focus();
  }

  /** The other order where there is one. @returns whether there is */
  switchOrder(): boolean {
    const learned = this.#order.querySelector<HTMLOptionElement>('option[value="learned"]');
    if (this.order === 'score' && learned?.disabled !== false) return false;
    this.#order.value = this.order === 'score' ? 'learned' : 'score';
    return true;
  }

  /** @returns whether the order had to change: a learned one that is no better is not offered */
  offerLearned(offered: boolean): boolean {
    const option = this.#order.querySelector<HTMLOptionElement>('option[value="learned"]');
    if (option !== null) option.disabled = !offered;
    if (offered || this.order === 'score') return false;
    this.#order.value = 'score';
    return true;
  }

  /** Offers the images that were scanned, the latest first; keeps the chosen one. */
  offer(coverage: readonly CoverageFeature[]): void {
    const images = coverage.map(({ properties }) => ({
      value: properties.product_id,
      text: `${properties.product_id} · ${properties.observed_at.slice(0, 10)} · ${properties.detections}`,
    }));
    fill(this.#product, `All images (${coverage.length})`, images);
  }

  offerReviewers(names: readonly string[]): void {
    const listed = [...this.#reviewer.options].slice(1).map(({ value }) => value);
    if (listed.join('\n') === names.join('\n')) return;
    fill(
      this.#reviewer,
      'Anybody',
      names.map((name) => ({ value: name, text: name })),
    );
  }

  #tell(): void {
    const least = Number(this.#minScore.value);
    this.#minScoreText.textContent = least > 0 ? least.toFixed(2) : 'any';
    const { known, siteStatus, since, until, minIncidence, maxIncidence } = this.#fields;
    const hidden = [
      known,
      siteStatus,
      since,
      until,
      minIncidence,
      maxIncidence,
      this.#product,
      this.#reviewer,
    ];
    const used = hidden.filter(({ value }) => value !== '').length + (this.inView ? 1 : 0);
    this.#more.textContent = used === 0 ? '' : ` (${used})`;
  }
}

function fill(
  select: HTMLSelectElement,
  all: string,
  options: readonly { readonly value: string; readonly text: string }[],
): void {
  const chosen = select.value;
  select.replaceChildren(
    element('option', { value: '', textContent: all }),
    ...options.map(({ value, text }) => element('option', { value, textContent: text })),
  );
  select.value = chosen;
  if (select.selectedIndex < 0) select.value = '';
}

function dayAfter(day: string): string {
  const next = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(next.getTime())) return '';
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}
