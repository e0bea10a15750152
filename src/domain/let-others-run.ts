/**
 * Ends the event loop's turn, so that what waits for this thread comes first: for work that would hold it for long.
 */
export function letOthersRun(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
