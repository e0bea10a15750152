/**
 * Asks `read` at most once in `ms`, whoever wants to know: many open pages then cost the database what one does.
 * A failure is not kept.
 */
export function remember<T>(ms: number, read: () => Promise<T>): () => Promise<T> {
  return keep(read, () => ms);
}

/** How many times longer than it took to read an answer is kept: reading takes a twentieth of the time at most. */
const KEPT_PER_READ = 20;

/** As `remember`, but what is read quickly is asked again sooner: an answer is as fresh as its cost allows. */
export function rememberByCost<T>(mostMs: number, read: () => Promise<T>): () => Promise<T> {
  return keep(read, (tookMs) => Math.min(mostMs, KEPT_PER_READ * tookMs));
}

/** @param keptMs how long an answer is kept after it came, by how long it took */
function keep<T>(read: () => Promise<T>, keptMs: (tookMs: number) => number): () => Promise<T> {
  let kept: { until: number; readonly value: Promise<T> } | null = null;
  return () => {
    const asked = performance.now();
    if (kept !== null && asked < kept.until) return kept.value;
    const value = read();
    const entry = { until: Infinity, value };
    kept = entry;
    value.then(
      () => {
        const came = performance.now();
        entry.until = came + keptMs(came - asked);
      },
      () => {
        if (kept === entry) kept = null;
      },
    );
    return value;
  };
}
