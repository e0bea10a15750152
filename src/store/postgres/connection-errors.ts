import { OperationalError, TransientError, UsageError } from '../../domain/errors.js';

/** Where a connection string leads, without user and password: fit for messages and logs. */
export function describeHost(url: string): string {
  try {
    const { hostname, port, pathname, searchParams } = new URL(url);
    const host = hostname || searchParams.get('host') || 'localhost';
    return `${decodeURIComponent(host)}:${port || searchParams.get('port') || '5432'}${decodeURIComponent(pathname)}`;
  } catch {
    return 'the address in DATABASE_URL';
  }
}

/** Errors of the socket: the server is not there, or went away. */
const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
]);

/** Messages of `pg` and `pg-promise` that carry no code. */
const LOST_CONNECTION =
  /connection terminated|connection ended|timeout exceeded when trying to connect|connection is lost|lost connection|not queryable|client was closed|connection timeout|timeout expired|query read timeout/i;

/**
 * SQLSTATE of shutdown, start-up and too many connections, of transactions that the server ended since this process
 * stood still, and class 08, connection exceptions.
 */
const UNAVAILABLE = /^(57P0[1235]|53300|25P0[34]|08\w{3})$/;

/** Serialisation failure, deadlock, lock and statement timeouts. */
const CONFLICT = /^(40001|40P01|55P03|57014)$/;

/** The server answers but cannot write at present, by SQLSTATE: what an operator has to mend. */
const HINDERED: Readonly<Record<string, string>> = {
  '53100': 'has no room left on its disk',
  '53200': 'is out of memory',
  '53400': 'has reached a limit of its configuration',
  '58030': 'cannot read or write its files',
  '25006': 'is read-only',
};

/** The server is there but takes nobody in at present. */
const NOT_YET: Readonly<Record<string, string>> = {
  '53300': 'has no connection left: end other programs, lower database.pool or raise its max_connections',
  '57P03': 'is starting or stopping: try again when it is up',
};

const DENIED = '42501';

function denied(error: unknown, url: string): OperationalError {
  const reason = error instanceof Error ? error.message : String(error);
  return new OperationalError(
    'database-denied',
    `The database at ${describeHost(url)} does not let this user do that (${reason}): grant it selenoscan_writer, or selenoscan_owner for migrate, or name another user in DATABASE_URL.`,
    { cause: error },
  );
}

/** What is wrong with TLS, and what to do; null for other trouble. */
function tlsTrouble(error: unknown, code: string): string | null {
  if (/does not support SSL/i.test(String(error)))
    return 'does not speak TLS: turn it on there, or take sslmode out of DATABASE_URL';
  return /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|EPROTO$)/.test(code)
    ? `shows a certificate that is not trusted (${code}): name its authority by sslrootcert in DATABASE_URL or by NODE_EXTRA_CA_CERTS`
    : null;
}

export const NOT_A_CONNECTION_STRING =
  'DATABASE_URL is not a connection string: write it as postgresql://USER:PASSWORD@HOST:5432/DATABASE.';

function codeOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = (first as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

function isUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  if (SOCKET_CODES.has(code) || UNAVAILABLE.test(code)) return true;
  return code === '' && error instanceof Error && LOST_CONNECTION.test(error.message);
}

/** The one sentence for a database that does not let us in when the program starts. */
export function explainOpening(error: unknown, url: string): unknown {
  const where = describeHost(url);
  const code = codeOf(error);
  const because = code === '' ? '' : ` (${code})`;
  const fail = (kind: string, sentence: string): OperationalError =>
    new OperationalError(kind, sentence, { cause: error });

  if (code === 'ERR_INVALID_URL') {
    return new UsageError(NOT_A_CONNECTION_STRING, { cause: error });
  }
  if (code === '28P01' || code === '28000' || /password|SASL|SCRAM/i.test(String(error))) {
    return fail(
      'database-login',
      `The database at ${where} refuses the login${because}: correct the user and password in DATABASE_URL.`,
    );
  }
  if (code === '3D000') {
    return fail(
      'database-absent',
      `The server has no database ${where}: create it (createdb) or correct DATABASE_URL.`,
    );
  }
  const notYet = NOT_YET[code];
  if (notYet !== undefined)
    return fail('database-unavailable', `The database at ${where} ${notYet} (${code}).`);
  const tls = tlsTrouble(error, code);
  if (tls !== null) return fail('database-tls', `The database at ${where} ${tls}.`);
  if (code === DENIED) return denied(error, url);
  if (isUnavailable(error)) {
    return fail(
      'database-unreachable',
      `Cannot reach the database at ${where}${because}: start PostgreSQL there or correct DATABASE_URL.`,
    );
  }
  return error;
}

/** Errors of a running program: what may pass is a TransientError, anything else is given back as it is. */
export function explainRunning(error: unknown, url: string): unknown {
  const code = codeOf(error);
  if (isUnavailable(error)) {
    const because = code === '' ? '' : ` (${code})`;
    return new TransientError(
      'database-lost',
      `Lost the database at ${describeHost(url)}${because}: work goes on when it is back.`,
      { cause: error },
    );
  }
  const hindrance = HINDERED[code];
  if (hindrance !== undefined) {
    return new TransientError(
      'database-hindered',
      `The database at ${describeHost(url)} ${hindrance} (${code}): work goes on when that is mended.`,
      { cause: error },
    );
  }
  if (code === DENIED) return denied(error, url);
  if (CONFLICT.test(code)) {
    return new TransientError(
      'database-conflict',
      `The database at ${describeHost(url)} gave up a statement (${code}): it is tried again.`,
      { cause: error },
    );
  }
  return error;
}
