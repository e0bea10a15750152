/** Codes of the multihash table: the function's, and the digest's length in bytes. */
const FUNCTIONS: Readonly<Record<string, string>> = { sha256: '1220', md5: 'd50110' };

/** `sha256:<hex>` or `md5:<hex>` as the file extension writes checksums; undefined for another. */
export function multihash(checksum: string): string | undefined {
  const [, name = '', digest = ''] = /^(\w+):([0-9a-f]+)$/i.exec(checksum) ?? [];
  const prefix = FUNCTIONS[name.toLowerCase()];
  return prefix === undefined ? undefined : `${prefix}${digest.toLowerCase()}`;
}
