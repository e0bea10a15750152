const HIDDEN = '***';

/** A password may hold any character where the user forgot to encode it: up to the last @ of the address. */
const DATABASE_ADDRESS = /\b(postgres(?:ql)?:\/\/[^\s:/?#@"'<>]*):[^\s"'<>]*@/gi;
const WEB_USER = /\b(https?:\/\/)[^\s/?#"'<>]*@/gi;
const OTHER_PASSWORD = /\b([a-z][a-z\d+.-]*:\/\/[^\s:/?#@"'<>]*):[^\s/?#"'<>]*@/gi;
/** Keys of services and signed addresses (AWS, Google, Azure, CloudFront) in a query. */
const SECRET_PARAMETER =
  /([?&;][\w.%-]*(?:token|secret|sig|signature|passw|pwd|credential|key|auth|session|jwt|policy)[\w.%-]*=)[^\s&#"'<>\\]+/gi;
const AUTHORIZATION = /\b(Bearer|Basic)(\s+)[\w.~+/=-]{8,}/gi;
/** As libpq and environments write it. */
const ASSIGNMENT = /((?:password|passwd|pwd|secret|token)\s*=\s*)(?:'[^']*'|"[^"]*"|[^\s&,;"'\\]+)/gi;
const JSON_FIELD =
  /("[\w.-]*(?:password|passwd|secret|token|authorization|cookie)"\s*:\s*")(?:[^"\\]|\\.)+(?=")/gi;

/**
 * A text as it may be logged, shown and stored: passwords and users in addresses, keys and signatures in queries,
 * bearer tokens and passwords of connection strings are replaced by `***`. What is no secret stays.
 */
export function hideSecrets(text: string): string {
  return text
    .replace(DATABASE_ADDRESS, `$1:${HIDDEN}@`)
    .replace(WEB_USER, `$1${HIDDEN}@`)
    .replace(OTHER_PASSWORD, `$1:${HIDDEN}@`)
    .replace(SECRET_PARAMETER, `$1${HIDDEN}`)
    .replace(AUTHORIZATION, `$1$2${HIDDEN}`)
    .replace(ASSIGNMENT, `$1${HIDDEN}`)
    .replace(JSON_FIELD, `$1${HIDDEN}`);
}

/** A shorter value would be found in words that are no secret. */
const SHORTEST = 6;

/** Replaces the very values that are known to be secret, also as JSON or an address writes them. */
export function hideValues(text: string, secrets: readonly string[]): string {
  let hidden = text;
  for (const secret of secrets)
    if (secret.length >= SHORTEST)
      for (const written of new Set([
        secret,
        JSON.stringify(secret).slice(1, -1),
        encodeURIComponent(secret),
      ]))
        hidden = hidden.replaceAll(written, HIDDEN);
  return hidden;
}
