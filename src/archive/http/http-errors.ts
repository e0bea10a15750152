import type { Response } from 'node-fetch';
import { MissingProductError, OperationalError, TransientError, isUserFacing } from '../../domain/errors.js';
import { retryAfterSeconds } from './retry-after.js';

/**
 * What an answer's status means here. S3-backed hosts say 403 for a missing key, so 403 and 404 are alike
 * (lroc-archive 1.3).
 */
export function errorOfStatus(response: Response, url: string, now: Date): Error {
  const { status } = response;
  if (isMissing(status)) {
    return new MissingProductError(`${url} is not in the archive yet (HTTP ${status}).`);
  }
  // 202 and 204 hold no file: a front that is busy, or that wants to see a browser.
  if (isTrouble(status) || status < 300) {
    const retryAfterS = retryAfterSeconds(response.headers.get('retry-after'), now);
    const code = status === 429 ? 'throttled' : 'http_status';
    return new TransientError(
      code,
      `${url} answered HTTP ${status}; it is asked again later.`,
      retryAfterS === undefined ? undefined : { retryAfterS },
    );
  }
  return new OperationalError('http_status', `${url} answered HTTP ${status}; check archive.urls.`);
}

export function isMissing(status: number): boolean {
  return status === 403 || status === 404 || status === 410;
}

/** Whether a status says that the host is not well. */
export function isTrouble(status: number): boolean {
  return status === 429 || status === 408 || status >= 500;
}

/** Errors of the local disk: no fault of the archive, and no use in asking again at once. */
const DISK_CODES = new Set(['EACCES', 'EPERM', 'EROFS', 'EMFILE', 'ENFILE', 'ENOENT', 'ENOTDIR', 'EIO']);
const FULL_CODES = new Set(['ENOSPC', 'EDQUOT']);

/** Names a failure of the network or the disk; errors that already have a name pass through. */
export function errorOfFailure(cause: unknown, url: string): unknown {
  if (isUserFacing(cause) || !(cause instanceof Error)) return cause;
  const code = codeOf(cause);
  const ofNetwork = cause.name === 'FetchError';
  if (!ofNetwork && FULL_CODES.has(code)) {
    const message = `the disk is full (${code}) while ${url} is kept; make room there or set archive.download_dir.`;
    return new OperationalError('disk_full', message, { cause });
  }
  if (!ofNetwork && DISK_CODES.has(code)) {
    return new OperationalError('disk', `cannot keep ${url}: ${cause.message}; check archive.download_dir.`, {
      cause,
    });
  }
  if (!ofNetwork && code === '') return cause;
  const { host } = new URL(url);
  const tls = tlsTrouble(code);
  if (tls !== null) {
    return new TransientError('tls', `${host} ${tls}; ${url} is asked again later.`, { cause });
  }
  const network = networkTrouble(code);
  if (network !== null) {
    return new TransientError('network', `${host} ${network}; ${url} is asked again later.`, { cause });
  }
  const message = `${url} could not be read (${code || cause.message}); it is asked again later.`;
  return new TransientError('network', message, { cause });
}

const OTHER_AUTHORITY =
  'shows a certificate of an authority that this machine does not trust; name the authority by NODE_EXTRA_CA_CERTS or check archive.urls';

/** Codes of OpenSSL's verification and of Node (tls.TLSSocket, "X509 certificate error codes"). */
const TLS_TROUBLE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED:
    "shows a certificate that has expired; check this machine's clock, or wait for the archive to renew it",
  CERT_NOT_YET_VALID: "shows a certificate that is not valid yet; check this machine's clock",
  ERR_TLS_CERT_ALTNAME_INVALID: 'shows the certificate of another host; check archive.urls',
  CERT_REVOKED: 'shows a certificate that was revoked; check archive.urls',
  DEPTH_ZERO_SELF_SIGNED_CERT: OTHER_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: OTHER_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: OTHER_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: OTHER_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: OTHER_AUTHORITY,
  CERT_UNTRUSTED: OTHER_AUTHORITY,
  EPROTO: 'does not speak TLS as it should (EPROTO); check whether archive.urls should say http',
};

function tlsTrouble(code: string): string | null {
  const known = TLS_TROUBLE[code];
  if (known !== undefined) return known;
  if (code.startsWith('ERR_SSL_')) {
    return `does not speak TLS as it should (${code}); check whether archive.urls should say http`;
  }
  return /^(ERR_TLS_|CERT_|UNABLE_TO_|CRL_)/.test(code)
    ? `shows a certificate that cannot be trusted (${code}); check archive.urls`
    : null;
}

function networkTrouble(code: string): string | null {
  switch (code) {
    case 'ENOTFOUND':
      return 'has no address (ENOTFOUND); check archive.urls';
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
      return `cannot be looked up (${code}); check this machine's name service`;
    case 'ECONNREFUSED':
      return 'refuses the connection (ECONNREFUSED); check host and port in archive.urls';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return `cannot be reached (${code}); check this machine's network`;
    default:
      return code.startsWith('HPE_')
        ? `does not speak HTTP (${code}); check whether archive.urls should say https`
        : null;
  }
}

function codeOf(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  return typeof code === 'string' ? code : '';
}
