import { UsageError } from '../../domain/errors.js';
import { valueTypes } from '../value-types.js';
import { NOT_A_CONNECTION_STRING } from './connection-errors.js';

/** A server that does not answer within this is taken as unreachable. */
export const CONNECT_TIMEOUT_MS = 10_000;
/**
 * How long a connection is silent until the system asks whether the other side is still there: a machine that lost
 * its power ends no connection, and by default nobody asks for two hours.
 */
const KEEP_ALIVE_MS = 30_000;

/**
 * Options that every connection shares, whether pooled or dedicated.
 *
 * @throws UsageError where the URL is none.
 */
export function connectionOptions(url: string, applicationName: string) {
  if (!/^postgres(ql)?:\/\//.test(url)) throw new UsageError(NOT_A_CONNECTION_STRING);
  return {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    types: valueTypes,
  };
}
