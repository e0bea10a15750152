import { hideSecrets } from './hide-secrets.js';

/**
 * Errors that say what happens next. Messages are one sentence naming the file or field and the remedy;
 * they are shown to users as they are, so they carry no stack, and logged and stored, so they carry no secret.
 */
abstract class SelenoscanError extends Error {
  /** Stable short code, kept in `scan.error_code` and in metrics. */
  abstract readonly code: string;
  constructor(message: string, options?: ErrorOptions) {
    super(inOneLine(hideSecrets(message)), options);
    this.name = new.target.name;
  }
}

/** Characters of a message; a longer one quotes something that is no name. */
const LONGEST = 1000;
/** Kept of the end of a longer one, where the remedy stands. */
const LAST = 300;

/** What a message quotes of a file may hold anything: control characters would forge lines of a log. */
function inOneLine(message: string): string {
  // eslint-disable-next-line no-control-regex
  const line = message.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - LAST)} … ${line.slice(-LAST)}`;
}

/** Wrong usage or configuration: the command ends with exit code 2. */
export class UsageError extends SelenoscanError {
  readonly code = 'usage';
}

/** The world is not as it must be (database unreachable, port in use, bad model): exit code 1. */
export class OperationalError extends SelenoscanError {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The product itself is bad (truncated, not an image, wrong body): recorded as `invalid`, not retried. */
export class InvalidProductError extends SelenoscanError {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A good product that the deployment's limits leave out, told only by the image itself: recorded as `skipped`. */
export class UnwantedProductError extends SelenoscanError {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The archive does not have it yet (403, 404): recorded as `missing`, asked again later. */
export class MissingProductError extends SelenoscanError {
  readonly code = 'missing';
}

/** Passing trouble (5xx, 429, reset, timeout): retried with backoff, `failed` when that is exhausted. */
export class TransientError extends SelenoscanError {
  readonly code: string;
  /** Seconds the archive asked us to wait, when it did. */
  readonly retryAfterS: number | undefined;
  /** Whether asking again at once may help. */
  readonly repeats: boolean;
  constructor(
    code: string,
    message: string,
    options?: ErrorOptions & { retryAfterS?: number; repeats?: boolean },
  ) {
    super(message, options);
    this.code = code;
    this.retryAfterS = options?.retryAfterS;
    this.repeats = options?.repeats ?? true;
  }
}

/** Whether a message was written for a user, so that it is shown without its stack. */
export function isUserFacing(error: unknown): error is Error & { code: string } {
  return error instanceof SelenoscanError;
}
