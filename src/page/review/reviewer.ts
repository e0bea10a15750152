import { MAX_REVIEWER } from '../../domain/review.js';
import { byId } from '../panel/dom.js';

const KEPT_AS = 'selenoscan.reviewer';

/** Who reviews in this browser: asked for once and kept here. */
export class Reviewer {
  readonly #dialog = byId('reviewer', HTMLDialogElement);
  readonly #form = byId('reviewer-form', HTMLFormElement);
  readonly #input = byId('reviewer-name', HTMLInputElement);
  readonly #button = byId('who', HTMLButtonElement);
  #answer: ((name: string | null) => void) | null = null;

  constructor() {
    this.#input.maxLength = MAX_REVIEWER;
    this.#button.addEventListener('click', () => void this.change());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const name = this.#input.value.trim();
      if (name === '') return;
      localStorage.setItem(KEPT_AS, name);
      this.#tell();
      this.#settle(name);
    });
    byId('reviewer-cancel', HTMLButtonElement).addEventListener('click', () => this.#settle(null));
    this.#dialog.addEventListener('close', () => this.#settle(null));
    this.#tell();
  }

  /** Empty where nobody has said it yet. */
  get name(): string {
    return localStorage.getItem(KEPT_AS) ?? '';
  }

  /** The name, asked for where it is not known; null where the question was closed. */
  async ask(): Promise<string | null> {
    return this.name === '' ? this.change() : this.name;
  }

  async change(): Promise<string | null> {
    this.#settle(null);
    this.#input.value = this.name;
    this.#dialog.showModal();
    this.#input.select();
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  #settle(name: string | null): void {
    const answer = this.#answer;
    this.#answer = null;
    if (this.#dialog.open) this.#dialog.close();
    answer?.(name);
  }

  #tell(): void {
    this.#button.textContent = this.name === '' ? 'Who reviews?' : `Reviewer: ${this.name}`;
  }
}
