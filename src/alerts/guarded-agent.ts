import { lookup as resolve, type LookupAddress } from 'node:dns';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { OperationalError } from '../domain/errors.js';
import type { AllowedAddresses } from './addresses.js';

export type Resolve = (
  host: string,
  answer: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

const systemResolve: Resolve = (host, answer) => resolve(host, { all: true, verbatim: true }, answer);

/** Code of the error where nothing is sent to an address. */
export const FORBIDDEN = 'alert_address';

/** What stands for an address that nothing is sent to; told to users as it is. */
export function forbidden(host: string): OperationalError {
  return new OperationalError(
    FORBIDDEN,
    `The receiver ${host} is at a private, loopback or otherwise reserved address, which alerts are not sent to; allow it by alerts.private (SELENOSCAN_ALERTS_PRIVATE) where that is meant.`,
  );
}

/**
 * Refuses an address of the web that names a forbidden one literally. URL brings every way of writing IPv4 (decimal,
 * octal, hexadecimal, short) to the dotted one, so that one look is enough. A name is checked when it is resolved.
 */
export function checkHost(url: URL, allowed: AllowedAddresses): void {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0 && !allowed.takes(host)) throw forbidden(host);
}

/**
 * Resolves a name, refuses it where any of its addresses is forbidden, and gives the connection these addresses: the
 * one that was checked is the one connected to, whatever the name resolves to a moment later (DNS rebinding).
 */
export function guardedLookup(
  allowed: AllowedAddresses,
  resolveHost: Resolve = systemResolve,
): LookupFunction {
  return (host, options, callback) => {
    resolveHost(host, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null) callback(error, '', 0);
      else if (first === undefined) callback(new Error(`${host} has no address.`), '', 0);
      else if (!addresses.every(({ address }) => allowed.takes(address))) callback(forbidden(host), '', 0);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** Agents whose connections go to allowed addresses alone; each request has a connection of its own. */
export function guardedAgent(
  allowed: AllowedAddresses,
  resolveHost?: Resolve,
): (url: URL) => HttpAgent | HttpsAgent {
  const lookup = guardedLookup(allowed, resolveHost);
  const agents = {
    http: new HttpAgent({ keepAlive: false, lookup }),
    https: new HttpsAgent({ keepAlive: false, lookup }),
  };
  return (url) => (url.protocol === 'https:' ? agents.https : agents.http);
}
