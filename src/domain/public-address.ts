import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Where a packet to an address goes: an IPv6 address that stands for one of IPv4 is that one, mapped
 * (::ffff:0:0/96) or of NAT64 (64:ff9b::/96); any other is itself, without its zone. Null for what is no address.
 */
export function packetAddress(text: string): string | null {
  const plain = text.split('%', 1)[0] ?? '';
  const family = isIP(plain);
  if (family !== 6) return family === 4 ? plain : null;
  // Written in hexadecimal alone, as URL does: a dotted end means IPv4 only where the prefix says so.
  const address = ipaddr.process(new URL(`http://[${plain}]`).hostname.slice(1, -1));
  if (address.kind() === 'ipv4') return address.toString();
  const bytes = address.toByteArray();
  // The other range of this kind, 64:ff9b:1::/48, is for use within one network.
  const isNat64 = address.range() === 'rfc6052' && bytes.slice(4, 12).every((byte) => byte === 0);
  return isNat64 ? bytes.slice(12).join('.') : address.toString();
}

/**
 * Whether an address of IPv4 or IPv6 is one of the internet: not private, of the loopback or of one link, nor
 * reserved (IANA special-purpose registries). One that stands for another is what that is.
 */
export function isPublicAddress(text: string): boolean {
  const goesTo = packetAddress(text);
  if (goesTo === null) return false;
  const address = ipaddr.parse(goesTo);
  return address.range() === 'unicast' && isGlobalUnicast(address);
}

/** 2000::/3 is all that is given out of IPv6. */
function isGlobalUnicast(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address.kind() === 'ipv4' || (address.toByteArray()[0] ?? 0) >> 5 === 1;
}
