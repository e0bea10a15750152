import type { ArchiveRequest } from './archive-request.js';
import { describeEffect, type FaultEffect } from './fault-effect.js';
import { FaultRules, type RuleCount, type Strike } from './fault-rules.js';
import type { FaultScript } from './fault-script.js';

/** Trouble on purpose for requests whose path matches. */
export type Fault = FaultEffect & {
  /** Tested on the method and the path, as in `GET /data/store/…/INDEX.LBL`. */
  readonly match: RegExp;
  /** How often it strikes; default always. */
  readonly times?: number;
  /** What the log calls it. */
  readonly name?: string;
};

/** A script in force and how often each of its rules struck. */
export interface FaultReport {
  readonly seed: number;
  readonly rules: readonly RuleCount[];
}

/** The faults in force: those added one by one, then the rules of a script; the first that strikes does alone. */
export class FaultList {
  readonly #faults: { match: RegExp; left: number; strike: Strike }[] = [];
  #script: FaultRules | null = null;

  add({ match, times = Infinity, name, ...effect }: Fault): void {
    this.#faults.push({ match, left: times, strike: { name: name ?? describeEffect(effect), effect } });
  }

  /** Puts a script in place of the one in force. */
  use(script: FaultScript): void {
    this.#script = new FaultRules(script);
  }

  /** Takes back all faults, added ones and script. */
  clear(): void {
    this.#faults.length = 0;
    this.#script = null;
  }

  report(): FaultReport {
    return { seed: this.#script?.seed ?? 1, rules: this.#script?.counts() ?? [] };
  }

  /** The fault that strikes this request, counted as used. */
  take(request: ArchiveRequest, carriesResource: boolean, now = performance.now()): Strike | null {
    const text = `${request.method} ${request.path}`;
    const found = this.#faults.find(({ match, left }) => left > 0 && match.test(text));
    if (found !== undefined) {
      found.left--;
      return found.strike;
    }
    return this.#script?.take(request, carriesResource, now) ?? null;
  }
}
