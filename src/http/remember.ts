/**
 * Asks `read` at most once in `ms`, whoever wants to know: many open pages then cost the database what one does.
 * A failure is not kept.
 */
export function remember<T>(ms: number, read: () => Promise<T>): () => Promise<T> {
  let kept: { readonly until: number; readonly value: Promise<T> } | null = null;
  return () => {
    if (kept !== null && performance.now() < kept.until) return kept.value;
    const value = read();
    const entry = { until: performance.now() + ms, value };
    kept = entry;
    value.catch(() => {
      if (kept === entry) kept = null;
    });
    return value;
  };
}
