export interface Place {
  readonly line: number;
  readonly sample: number;
}

/** Share of detections that both have, each of one within `radiusPx` of one of the other, of the longer list. */
export function samePlaces(a: readonly Place[], b: readonly Place[], radiusPx = 1): number {
  const left = [...b];
  let same = 0;
  for (const { line, sample } of a) {
    const at = left.findIndex((other) => Math.hypot(other.line - line, other.sample - sample) <= radiusPx);
    if (at < 0) continue;
    left.splice(at, 1);
    same++;
  }
  const most = Math.max(a.length, b.length);
  return most === 0 ? 1 : same / most;
}
