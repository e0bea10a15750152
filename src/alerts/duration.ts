const UNITS_S: Readonly<Record<string, number>> = { min: 60, h: 3600, d: 86_400, w: 7 * 86_400 };

/** Seconds of a duration such as `30min`, `12h`, `7d` or `2w`; null where the text is none. */
export function readDuration(text: string): number | null {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)\s*(min|h|d|w)$/.exec(text.trim()) ?? [];
  const seconds = UNITS_S[unit];
  return count === undefined || seconds === undefined ? null : Number(count) * seconds;
}

/** The same in words, in the largest unit that leaves a whole number. */
export function writeDuration(seconds: number): string {
  for (const unit of ['w', 'd', 'h', 'min']) {
    const count = seconds / (UNITS_S[unit] ?? 1);
    if (count >= 1 && Number.isInteger(count)) return `${count}${unit}`;
  }
  return `${Number((seconds / 60).toFixed(2))}min`;
}
