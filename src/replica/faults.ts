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
  /** Break the connection before this byte of the resource. */
  readonly cutAt?: number;
  /** End the answer before this byte of the resource, as if it had no more. */
  readonly endAt?: number;
  /** Change this byte of the resource, the length staying as it is. */
  readonly corruptAt?: number;
  /** Answer a range by the whole. */
  readonly wholeForRange?: true;
  /** Answer a range by one that begins so many bytes later, and say so. */
  readonly shiftRange?: number;
  /** Serve the resource under this ETag, as if it had been replaced. */
  readonly etag?: string;
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
