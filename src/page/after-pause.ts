/** A function that does the work once it was not called for a while: several calls in a row cause one. */
export function afterPause(pauseMs: number, work: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, pauseMs);
  };
}
