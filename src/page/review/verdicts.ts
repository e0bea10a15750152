import { VERDICTS, type Verdict } from '../../domain/review.js';

/** How the page names a verdict, and which key gives it. */
export const VERDICT_WORDS: Readonly<
  Record<
    Verdict,
    { readonly key: string; readonly button: string; readonly done: string; readonly sign: string }
  >
> = {
  accept: { key: 'a', button: 'Accept', done: 'Accepted', sign: '✓' },
  reject: { key: 'r', button: 'Reject', done: 'Rejected', sign: '✕' },
  known: { key: 'k', button: 'Known', done: 'Known', sign: '◆' },
  artefact: { key: 'x', button: 'Artefact', done: 'Artefact', sign: '▦' },
};

export function verdictOfKey(key: string): Verdict | null {
  return VERDICTS.find((verdict) => VERDICT_WORDS[verdict].key === key) ?? null;
}

/** Text of a verdict that counts, also of one that other programs wrote. */
export function verdictText(review: string): string {
  return isVerdict(review) ? VERDICT_WORDS[review].done : review;
}

export function verdictSign(review: string): string {
  return isVerdict(review) ? VERDICT_WORDS[review].sign : '•';
}

export function isVerdict(text: string): text is Verdict {
  return VERDICTS.some((verdict) => verdict === text);
}
