import type { Verdict } from '../../domain/review.js';

/** What one person said of a detection before; null = nothing. */
export type Said = { readonly verdict: Verdict | null; readonly note: string | null } | null;

/** What was done in this page, to be taken back step by step. */
export class UndoStack {
  readonly #steps: { readonly id: number; readonly before: Said }[] = [];

  push(id: number, before: Said): void {
    this.#steps.push({ id, before });
  }

  pop(): { readonly id: number; readonly before: Said } | null {
    return this.#steps.pop() ?? null;
  }

  get size(): number {
    return this.#steps.length;
  }
}
