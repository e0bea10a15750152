import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Links to the picture of a detection that carry their own permission: `?s=` is the HMAC-SHA256 of the path, so that
 * a mail, a chat or a map tip shows it without the token. Whoever has the link sees that one picture, and nothing
 * else; it holds until the key changes (`http.link_secret`).
 */

/** The key as HMAC uses it (RFC 2104): XORed with 0x36 and 0x5c, 64 bytes as hex. SQL signs with the same. */
export interface LinkPads {
  readonly inner: string;
  readonly outer: string;
}

/** @param secret any text; empty = a key drawn by chance */
export function linkPads(secret: string): LinkPads {
  const key = Buffer.alloc(64);
  (secret === '' ? randomBytes(32) : createHash('sha256').update(secret).digest()).copy(key);
  const pad = (byte: number): string => Buffer.from(key.map((each) => each ^ byte)).toString('hex');
  return { inner: pad(0x36), outer: pad(0x5c) };
}

export function chipPath(id: number): string {
  return `/api/detections/${id}/chip.png`;
}

/** Value of `s` for the picture of a detection, base64url. */
export function chipSignature(pads: LinkPads, id: number): string {
  return sign(pads, chipPath(id));
}

/** The link, at the address under which people reach the server. */
export function chipLink(base: string, pads: LinkPads, id: number): string {
  return `${base.replace(/\/$/, '')}${chipPath(id)}?s=${chipSignature(pads, id)}`;
}

/** Whether a path and its query are a signed link; compared in constant time. */
export function isSignedLink(pads: LinkPads, url: string): boolean {
  const [path = '', query = ''] = url.split('?', 2);
  if (!/^\/api\/detections\/[1-9]\d*\/chip\.png$/.test(path)) return false;
  const given = Buffer.from(new URLSearchParams(query).get('s') ?? '');
  const wanted = Buffer.from(sign(pads, path));
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function sign({ inner, outer }: LinkPads, text: string): string {
  const digest = (pad: string, data: Buffer | string): Buffer =>
    createHash('sha256').update(Buffer.from(pad, 'hex')).update(data).digest();
  return digest(outer, digest(inner, text)).toString('base64url');
}
