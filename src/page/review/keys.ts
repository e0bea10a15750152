import type { Verdict } from '../../domain/review.js';
import { verdictOfKey } from './verdicts.js';

/** What a key asks for. */
export type Wish =
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'step'; readonly by: 'cell' | 'row' | 'page' | 'all'; readonly sign: 1 | -1 }
  | {
      readonly kind:
        'note' | 'undo' | 'unreviewed' | 'close-up' | 'close' | 'map' | 'grid' | 'filters' | 'order' | 'help';
    };

const STEPS: Readonly<Record<string, Wish>> = {
  ArrowRight: { kind: 'step', by: 'cell', sign: 1 },
  ArrowLeft: { kind: 'step', by: 'cell', sign: -1 },
  ArrowDown: { kind: 'step', by: 'row', sign: 1 },
  ArrowUp: { kind: 'step', by: 'row', sign: -1 },
  PageDown: { kind: 'step', by: 'page', sign: 1 },
  PageUp: { kind: 'step', by: 'page', sign: -1 },
  End: { kind: 'step', by: 'all', sign: 1 },
  Home: { kind: 'step', by: 'all', sign: -1 },
};

const LETTERS: Readonly<Record<string, Wish>> = {
  n: { kind: 'note' },
  u: { kind: 'undo' },
  s: { kind: 'unreviewed' },
  m: { kind: 'map' },
  g: { kind: 'grid' },
  f: { kind: 'filters' },
  o: { kind: 'order' },
  '?': { kind: 'help' },
};

/**
 * What a key means where the focus is; null = what it means to the browser.
 * @param letters whether single letters do something
 */
export function wishOf(event: KeyboardEvent, letters: boolean): Wish | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return null;
  const target = event.target instanceof HTMLElement ? event.target : document.body;
  if (target.closest('dialog, textarea') !== null) return null;
  if (event.key === 'Escape') return { kind: 'close' };
  if (target.closest('input, select') !== null) return null;
  const inMap = target.closest('#map') !== null;
  const onControl = target.closest('button, a, summary') !== null;
  const letter = letters ? letterWish(event.key) : null;
  if (letter !== null) return letter;
  if (inMap || onControl) return null;
  if (event.key === ' ') return { kind: 'unreviewed' };
  if (event.key === 'Enter') return { kind: 'close-up' };
  return STEPS[event.key] ?? null;
}

function letterWish(key: string): Wish | null {
  const letter = key.length === 1 ? key.toLowerCase() : '';
  const verdict = verdictOfKey(letter);
  return verdict === null ? (LETTERS[letter] ?? null) : { kind: 'verdict', verdict };
}
