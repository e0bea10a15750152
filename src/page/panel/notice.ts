import { ApiError } from '../api.js';
import { byId } from './dom.js';

/** The line that says what went wrong, until something goes well again. */
export class Notice {
  readonly #element = byId('notice', HTMLElement);
  readonly #onLost: () => void;

  /** @param onLost told when the server does not answer, or lets nobody in */
  constructor(onLost: () => void) {
    this.#onLost = onLost;
  }

  /** Does some work and tells of its failing. */
  async guarded(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.#element.hidden = true;
    } catch (error) {
      this.tell(error);
    }
  }

  tell(error: unknown): void {
    const denied = error instanceof ApiError && error.status === 401;
    if (!(error instanceof ApiError) || denied) this.#onLost();
    this.#element.textContent = denied
      ? 'This server asks for a token: open the page once as /?token=… with the value of http.token.'
      : error instanceof ApiError
        ? error.message
        : 'The server does not answer: is selenoscan still running? Trying again.';
    this.#element.hidden = false;
  }
}
