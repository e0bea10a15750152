/** What a Content-Range header says: bytes `first` to `last`, both included, of `total`. */
export interface ContentRange {
  readonly first: number;
  readonly last: number;
  /** null where the server does not tell. */
  readonly total: number | null;
}

/** Reads `bytes 100-199/1000` or `bytes 100-199/*`; null for anything else. */
export function parseContentRange(header: string | null): ContentRange | null {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined || total === undefined) return null;
  const range = {
    first: Number(first),
    last: Number(last),
    total: total === '*' ? null : Number(total),
  };
  const inside = range.total === null || range.last < range.total;
  return range.first <= range.last && inside ? range : null;
}
