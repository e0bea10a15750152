import { api, type WorkStatus } from './api.js';
import type { Notice } from './panel/notice.js';

const POLL_MS = 2000;
/** Polls between two looks at what others reviewed. */
const PROGRESS_EVERY = 3;
/** As many as fill a large window: the sooner they are there, the sooner the page is. */
const FIRST_PAGE = 60;

/** What the page shows of what the daemon has. */
export interface FollowedParts {
  readonly notice: Notice;
  /** Fetches the list anew and draws it. @param announces whether what is new is to be pointed out */
  readonly load: (size?: number, announces?: boolean) => Promise<void>;
  readonly readCoverage: () => Promise<void>;
  /** How far the reviewing has come. */
  readonly readProgress: () => Promise<void>;
  /** What was read of it last: another text after each review, undefined before the first. */
  readonly reviews: () => string | undefined;
  readonly openMap: () => Promise<void>;
  readonly refreshMap: () => void;
  readonly openLinked: () => Promise<void>;
  /** @param status null where the server does not answer */
  readonly showStatus: (status: WorkStatus | null) => void;
}

/** Shows what there is, then looks for news for as long as the page is open. */
export class Following {
  readonly #parts: FollowedParts;
  #status: WorkStatus | null = null;
  #revision = '';

  constructor(parts: FollowedParts) {
    this.#parts = parts;
  }

  /** Never ends. */
  async run(): Promise<void> {
    const { notice, load, readCoverage, readProgress, openMap, openLinked } = this.#parts;
    await notice.guarded(async () => {
      const first = await api.revision();
      await load(FIRST_PAGE);
      this.#revision = first;
    });
    // What is seen first goes first.
    await Promise.all([notice.guarded(readCoverage).then(openMap), notice.guarded(readProgress)]);
    await notice.guarded(openLinked);
    for (let turn = 1; ; turn++) {
      await this.#poll(turn % PROGRESS_EVERY === 0);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      while (document.hidden) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** What the daemon does is not known any more. */
  lose(): void {
    this.#status = null;
  }

  /** Looks for news; what cannot be had is asked for again next time. */
  async #poll(withProgress: boolean): Promise<void> {
    const { notice, load, readCoverage, readProgress, refreshMap, showStatus } = this.#parts;
    await notice.guarded(async () => {
      const latest = await api.revision();
      if (latest !== this.#revision) {
        const first = this.#revision === '';
        await readCoverage();
        await load(undefined, !first);
        await readProgress();
        refreshMap();
        this.#revision = latest;
      } else if (withProgress) await this.#followOthers();
      this.#status = await api.status();
    });
    showStatus(this.#status);
  }

  /** What others reviewed meanwhile is shown in the list as well. */
  async #followOthers(): Promise<void> {
    const { load, readProgress, refreshMap, reviews } = this.#parts;
    const before = reviews();
    await readProgress();
    if (before === undefined || reviews() === before) return;
    await load();
    refreshMap();
  }
}
