/** Told of a file or image that cannot be taken, in one sentence. */
export type OnProblem = (subject: string, sentence: string) => void;

/** Problems that are remembered, and told in one look. */
const MOST = 1000;

/** Tells of each problem once, and again when it has become another one. */
export class Problems {
  readonly #tell: OnProblem;
  readonly #told = new Map<string, string>();
  #now = 0;

  constructor(tell: OnProblem = () => undefined) {
    this.#tell = tell;
  }

  /** Begins another look at the folder. */
  begin(): void {
    this.#now = 0;
  }

  add(subject: string, sentence: string): void {
    if (this.#told.get(subject) === sentence || this.#now === MOST) return;
    this.#now++;
    this.#tell(subject, sentence);
    this.#told.delete(subject);
    this.#told.set(subject, sentence);
    const [oldest] = this.#told.keys();
    if (this.#told.size > MOST && oldest !== undefined) this.#told.delete(oldest);
  }
}
