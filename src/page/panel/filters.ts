import type { CoverageFeature } from '../../http/contract.js';
import type { DetectionFilter } from '../api.js';
import { byId, element } from './dom.js';

/** The form over the list. */
export class Filters {
  readonly #form = byId('filters', HTMLFormElement);
  readonly #product = byId('product', HTMLSelectElement);
  readonly #minScore = byId('min-score', HTMLInputElement);
  readonly #minScoreText = byId('min-score-text', HTMLOutputElement);
  readonly #known = byId('known', HTMLSelectElement);
  readonly #inView = byId('in-view', HTMLInputElement);

  constructor(events: { changed(): void; product(productId: string): void }) {
    this.#form.addEventListener('submit', (event) => event.preventDefault());
    this.#form.addEventListener('input', (event) => {
      const least = Number(this.#minScore.value);
      this.#minScoreText.textContent = least > 0 ? least.toFixed(2) : 'any';
      if (event.target === this.#product) events.product(this.#product.value);
      events.changed();
    });
  }

  get inView(): boolean {
    return this.#inView.checked;
  }

  get value(): Omit<DetectionFilter, 'bbox'> {
    const known = this.#known.value;
    return {
      product: this.#product.value,
      minScore: Number(this.#minScore.value),
      known: known === 'yes' || known === 'no' ? known : '',
    };
  }

  /** Offers the images that were scanned, the latest first; keeps the chosen one. */
  offer(coverage: readonly CoverageFeature[]): void {
    const chosen = this.#product.value;
    const images = coverage.map(({ properties }) =>
      element('option', {
        value: properties.product_id,
        textContent: `${properties.product_id} · ${properties.observed_at.slice(0, 10)} · ${properties.detections}`,
      }),
    );
    const all = element('option', { value: '', textContent: `All images (${coverage.length})` });
    this.#product.replaceChildren(all, ...images);
    this.#product.value = chosen;
    if (this.#product.selectedIndex < 0) this.#product.value = '';
  }
}
