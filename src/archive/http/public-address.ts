import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Whether an address of IPv4 or IPv6 is one of the internet: not private, of the loopback or of one link, nor
 * reserved (IANA special-purpose registries). An IPv6 address that stands for one of IPv4 is what that is: mapped
 * (::ffff:0:0/96) or of NAT64 (64:ff9b::/96), where packets to it go.
 */
export function isPublicAddress(text: string): boolean {
  if (isIP(text) === 0) return false;
  const address = ipaddr.process(text);
  if (address.kind() === 'ipv6' && address.range() === 'rfc6052') {
    const bytes = address.toByteArray();
    // The other range of this kind, 64:ff9b:1::/48, is for use within one network.
    const wellKnown = bytes.slice(4, 12).every((byte) => byte === 0);
    return wellKnown && new ipaddr.IPv4(bytes.slice(12)).range() === 'unicast';
  }
  return address.range() === 'unicast' && isGlobalUnicast(address);
}

/** 2000::/3 is all that is given out of IPv6. */
function isGlobalUnicast(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address.kind() === 'ipv4' || (address.toByteArray()[0] ?? 0) >> 5 === 1;
}
