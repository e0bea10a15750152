import { acquireAdvisoryLock, type AdvisoryLock } from '../store/postgres/advisory-lock.js';

/** Keeps one process of the deployment the poller for as long as it lives (design, invariant 9). */
export interface PollerLock {
  /** Whether this process is the poller; tries to become it when it is not. */
  held(): Promise<boolean>;
  release(): Promise<void>;
}

export function createPollerLock(url: string): PollerLock {
  let lock: AdvisoryLock | null = null;
  return {
    async held() {
      if (lock?.lost.aborted) lock = null;
      lock ??= await acquireAdvisoryLock(url, 'poller');
      return lock !== null;
    },
    async release() {
      await lock?.release();
      lock = null;
    },
  };
}
