import type { AlertMessage } from './message.js';
import type { Target } from './rule.js';

/** Sends messages by one channel. */
export interface Notifier {
  /**
   * Resolves once the receiver took the message.
   *
   * @throws TransientError where the receiver is in trouble: it is left alone for a while.
   * @throws OperationalError where it does not take this message: others may pass.
   */
  send(message: AlertMessage, target: Target, signal: AbortSignal): Promise<void>;
}
