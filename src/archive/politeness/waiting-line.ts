/** Lets one in at a time, in the order of arrival. */
export class WaitingLine {
  #tail: Promise<unknown> = Promise.resolve();

  /**
   * Waits for all who came before to leave.
   * @returns leaves; to be called once
   * @throws the signal's reason when aborted, without harm to those behind
   */
  async enter(signal?: AbortSignal): Promise<() => void> {
    const before = this.#tail;
    let leave: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => (leave = resolve));
    this.#tail = before.then(() => mine);
    try {
      await untilAborted(before, signal);
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }
}

/** The promise's end, or the signal's reason as soon as it is aborted. */
export async function untilAborted(
  promise: Promise<unknown>,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (signal === undefined) return void (await promise);
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
