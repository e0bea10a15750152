/** Trouble on purpose for requests whose path matches. */
export interface Fault {
  /** Tested on the path and on the method, as in `GET /data/store/…/INDEX.LBL`. */
  readonly match: RegExp;
  /** How often it strikes; default always. */
  readonly times?: number;
  /** Wait before the answer, ms. */
  readonly delayMs?: number;
  /** Answer this status with `body`, or with nothing. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of the resource. */
  readonly body?: string;
  /** Break the connection after so many bytes of the resource. */
  readonly cutAt?: number;
  /** Change one byte of the resource, the length staying as it is. */
  readonly corruptAt?: number;
}

/** The faults in force; the first that matches strikes. */
export class FaultList {
  readonly #faults: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? Infinity });
  }

  clear(): void {
    this.#faults.length = 0;
  }

  /** The fault that strikes this request, counted as used. */
  take(request: string): Fault | null {
    const found = this.#faults.find(({ fault, left }) => left > 0 && fault.match.test(request));
    if (found === undefined) return null;
    found.left--;
    return found.fault;
  }
}
