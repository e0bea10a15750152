import {
  InvalidProductError,
  MissingProductError,
  OperationalError,
  TransientError,
  UnwantedProductError,
} from '../domain/errors.js';
import { hideSecrets } from '../domain/hide-secrets.js';
import type { ClaimedScan } from '../store/queries/claim-scan.js';
import type { ScanEnding } from '../store/queries/finish-scan.js';

export interface ClaimPolicy {
  readonly leaseSeconds: number;
  readonly maxAttempts: number;
  /** First wait before another attempt; doubled each time. */
  readonly retrySeconds: number;
  /** Least wait before a product that is not there is asked for again. */
  readonly missingSeconds: number;
}

/** Trouble of this machine or its settings, such as a full disk: any scan would meet it. */
const MACHINE_TROUBLE = new Set(['disk', 'disk_full', 'disk_budget', 'download_dir', 'no_ranges']);
/** The archive's host is left alone, by its own wish or since it does not answer. */
const HOST_RESTS = new Set(['circuit_open', 'held_off']);
/** How long a machine in trouble is given to be mended, seconds. */
const MACHINE_RETRY_S = 60;
/** A product that is missing is asked for again after this part of the time since it was announced. */
const MISSING_SHARE = 1 / 4;

/** The database is away, or cannot write: no scan could. */
const DATABASE_AWAY = new Set(['database-lost', 'database-hindered']);
/** How long a database in trouble is given, seconds. */
const DATABASE_RETRY_S = 5;

/** A wait before another attempt never grows beyond this, seconds. */
const LONGEST_RETRY_S = 6 * 3600;

/** What becomes of a claimed scan whose work ended in an error. */
export function endingOf(
  error: unknown,
  { attempts, announcedAt }: ClaimedScan,
  policy: ClaimPolicy,
  now: Date,
): ScanEnding {
  const reason = hideSecrets(error instanceof Error ? error.message : String(error));
  if (error instanceof InvalidProductError) return { state: 'invalid', code: error.code, reason };
  if (error instanceof UnwantedProductError) return { state: 'skipped', code: error.code, reason };
  if (error instanceof MissingProductError) {
    const age = (now.getTime() - announcedAt.getTime()) / 1000;
    const retryInSeconds = Math.max(policy.missingSeconds, age * MISSING_SHARE);
    return { state: 'missing', code: error.code, reason, retryInSeconds };
  }
  if (error instanceof TransientError) {
    if (DATABASE_AWAY.has(error.code)) return again(error.code, reason, DATABASE_RETRY_S, false);
    const rests = HOST_RESTS.has(error.code);
    return again(error.code, reason, error.retryAfterS ?? 0, !rests);
  }
  // No more the product's fault than the archive's.
  if (error instanceof OperationalError) {
    const machine = MACHINE_TROUBLE.has(error.code);
    return again(error.code, reason, machine ? MACHINE_RETRY_S : 0, !machine);
  }
  return { state: 'failed', code: 'unexpected', reason };

  function again(code: string, why: string, asked: number, counts: boolean): ScanEnding {
    const backoff = Math.min(policy.retrySeconds * 2 ** (attempts - 1), LONGEST_RETRY_S);
    const retryInSeconds = counts ? Math.max(backoff, asked) : asked;
    return {
      state: 'queued',
      code,
      reason: why,
      retryInSeconds,
      maxAttempts: counts ? policy.maxAttempts : null,
    };
  }
}
