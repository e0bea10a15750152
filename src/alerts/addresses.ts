import { BlockList, isIP } from 'node:net';
import { isPublicAddress, packetAddress } from '../domain/public-address.js';

/** Addresses within the deployment that alerts may go to all the same. */
export class AllowedAddresses {
  readonly #list = new BlockList();

  /** @param ranges addresses or CIDR ranges, e.g. `10.2.0.0/16`, `127.0.0.1`, `fd00::/8` */
  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const [address = '', bits] = range.split('/');
      const family = familyOf(address);
      if (bits === undefined) this.#list.addAddress(address, family);
      else this.#list.addSubnet(address, Number(bits), family);
    }
  }

  /** Whether something may be sent to an address: it is public, or it was allowed. */
  takes(address: string): boolean {
    const goesTo = packetAddress(address);
    if (goesTo === null) return false;
    return this.#list.check(goesTo, familyOf(goesTo)) || isPublicAddress(goesTo);
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
