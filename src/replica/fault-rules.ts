import { hash } from '../simulation/random.js';
import type { ArchiveRequest } from './archive-request.js';
import { describeEffect, needsResource, rangesNeeded, type FaultEffect } from './fault-effect.js';
import type { FaultRule, FaultScript } from './fault-script.js';
import { NAMED_FAULTS } from './named-faults.js';
import { Throttle } from './throttle.js';

/** A fault that strikes a request. */
export interface Strike {
  readonly name: string;
  readonly effect: FaultEffect;
}

/** A rule and what became of it. */
export interface RuleCount {
  readonly rule: FaultRule;
  /** Requests that it was made for. */
  readonly seen: number;
  readonly struck: number;
}

interface Count {
  seen: number;
  struck: number;
}

/** One rule of a script with its counters. */
class CompiledRule {
  readonly rule: FaultRule;
  readonly total: Count = { seen: 0, struck: 0 };
  readonly #effect: FaultEffect;
  readonly #name: string;
  readonly #path: RegExp | null;
  readonly #throttle: Throttle | null;
  readonly #draw: (path: string, request: number) => number;
  readonly #perPath = new Map<string, Count>();

  constructor(rule: FaultRule, seed: number, index: number) {
    const named: FaultEffect = rule.fault === undefined ? {} : NAMED_FAULTS[rule.fault];
    this.rule = rule;
    this.#effect = { ...named, ...rule.with };
    this.#name = rule.name ?? rule.fault ?? describeEffect(this.#effect);
    this.#path = rule.path === undefined ? null : new RegExp(rule.path);
    this.#throttle = this.#effect.throttle === undefined ? null : new Throttle(this.#effect.throttle);
    this.#draw = (path, request) => hash(seed, index, hashText(path), request) / 2 ** 32;
  }

  take(request: ArchiveRequest, carriesResource: boolean, now: number): Strike | null {
    if (!this.#isFor(request, carriesResource)) return null;
    const path = this.#countsOf(request.resource);
    for (const count of [this.total, path]) count.seen++;
    const count = this.rule.per === 'path' ? path : this.total;
    const { times = Infinity, after = 0, every = 1, chance = 1 } = this.rule;
    if (count.struck >= times || count.seen <= after || (count.seen - after) % every !== 0) return null;
    if (chance < 1 && this.#draw(request.resource, path.seen) >= chance) return null;
    const effect = this.#throttle === null ? this.#effect : this.#throttled(request, now);
    if (effect === null) return null;
    for (const each of [this.total, path]) each.struck++;
    return { name: this.#name, effect };
  }

  #isFor(request: ArchiveRequest, carriesResource: boolean): boolean {
    const { kind, product, volume, host, method } = this.rule;
    if (!fits(kind, request.kind) && !fits(kind, 'any')) return false;
    if (!fits(product, request.productId) || !fits(volume, request.volumeId)) return false;
    if (!fits(host, request.role) || !fits(method, request.method)) return false;
    if (this.#path !== null && !this.#path.test(request.path)) return false;
    if (this.#effect.label !== undefined && request.kind?.endsWith('-label') !== true) return false;
    const ranges = rangesNeeded(this.#effect);
    if (ranges !== null && ranges !== request.ranges) return false;
    return carriesResource || !needsResource(this.#effect);
  }

  #throttled({ role }: ArchiveRequest, now: number): FaultEffect | null {
    const refusedForS = this.#throttle?.refusedFor(role ?? '', now) ?? 0;
    if (refusedForS === 0) return null;
    return { status: 429, retryAfterS: Math.ceil(refusedForS), ...this.#effect };
  }

  #countsOf(path: string): Count {
    const count = this.#perPath.get(path) ?? { seen: 0, struck: 0 };
    this.#perPath.set(path, count);
    return count;
  }
}

/** The rules of a script at work. */
export class FaultRules {
  readonly seed: number;
  readonly #rules: readonly CompiledRule[];

  constructor({ seed = 1, rules }: FaultScript) {
    this.seed = seed;
    this.#rules = rules.map((rule, index) => new CompiledRule(rule, seed, index));
  }

  /**
   * The first rule that strikes this request, counted.
   * @param carriesResource whether the answer would carry a file, in part or whole
   * @param now ms of a steady clock
   */
  take(request: ArchiveRequest, carriesResource: boolean, now: number): Strike | null {
    for (const rule of this.#rules) {
      const strike = rule.take(request, carriesResource, now);
      if (strike !== null) return strike;
    }
    return null;
  }

  counts(): RuleCount[] {
    return this.#rules.map(({ rule, total }) => ({ rule, ...total }));
  }
}

function fits<T>(wanted: T | readonly T[] | undefined, value: T | null): boolean {
  if (wanted === undefined) return true;
  return Array.isArray(wanted) ? (wanted as readonly (T | null)[]).includes(value) : wanted === value;
}

/** FNV-1a of the UTF-16 units of a text. */
function hashText(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
