import type { HostGate } from '../archive/host-gate.js';
import type { Clock } from '../domain/clock.js';
import { TransientError } from '../domain/errors.js';
import type { Database } from '../store/database.js';
import { acquireFetchSlot, releaseFetchSlot, renewFetchSlot } from '../store/queries/fetch-slot.js';

const LEASE_S = 60;
/** While another process has the slot, ask again at least this often: it may give it back early. */
const LONGEST_NAP_MS = 1000;

/**
 * One connection per archive host for the whole deployment: whoever asks holds the host's leased slot in the
 * database (design, invariant 7).
 *
 * @param spacingMs pause between two requests to one host
 * @param patienceMs a host that wants longer than this is left alone: the request fails, to be tried later
 */
export function createDeploymentGate(
  db: Database,
  o: {
    readonly holder: string;
    readonly spacingMs: number;
    readonly patienceMs: number;
    readonly clock: Clock;
  },
): HostGate {
  return {
    async acquire(host, signal) {
      for (;;) {
        signal?.throwIfAborted();
        const answer = await acquireFetchSlot(db, { host, holder: o.holder, leaseSeconds: LEASE_S });
        if (answer.granted) {
          const { slot } = answer;
          const renewal = setInterval(
            () => {
              // A renewal that fails lets the lease run out; the request itself goes on to its end.
              renewFetchSlot(db, slot, LEASE_S).catch(() => undefined);
            },
            (LEASE_S * 1000) / 3,
          );
          return {
            async release(pauseMs = 0) {
              clearInterval(renewal);
              await releaseFetchSlot(db, slot, Math.max(pauseMs, o.spacingMs) / 1000);
            },
          };
        }
        if (answer.retryInMs > Math.max(o.patienceMs, LEASE_S * 1000)) {
          const retryAfterS = Math.ceil(answer.retryInMs / 1000);
          throw new TransientError('held_off', `${host} asked to be left alone for ${retryAfterS} s more.`, {
            retryAfterS,
          });
        }
        await o.clock.sleep(Math.min(Math.max(answer.retryInMs, 5), LONGEST_NAP_MS), signal);
      }
    },
  };
}
