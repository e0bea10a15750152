import { acquireAdvisoryLock, type AdvisoryLock, type Singleton } from './advisory-lock.js';

/** Keeps one process of the deployment the one that does some work for as long as it lives (invariant 9). */
export interface SingletonLock {
  /** Whether this process has it; tries to get it when it has not. */
  held(): Promise<boolean>;
  release(): Promise<void>;
}

export function createSingletonLock(url: string, singleton: Singleton): SingletonLock {
  let lock: AdvisoryLock | null = null;
  return {
    async held() {
      if (lock?.lost.aborted) lock = null;
      lock ??= await acquireAdvisoryLock(url, singleton);
      return lock !== null;
    },
    async release() {
      await lock?.release();
      lock = null;
    },
  };
}
