import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from '../../domain/public-address.js';

/** What the network's names and addresses mean; replaced in tests. */
export interface Network {
  /** Whether an address is one of the internet. */
  isPublic(address: string): boolean;
  /** All addresses of a name. */
  resolve(name: string, answer: (error: Error | null, addresses: LookupAddress[]) => void): void;
}

const theNetwork: Network = {
  isPublic: isPublicAddress,
  resolve: (name, answer) => systemLookup(name, { all: true, verbatim: true }, answer),
};

/** Code of the error where a redirect leads to an address that it must not lead to. */
export const PRIVATE_ADDRESS = 'ERR_PRIVATE_ADDRESS';

type Agents = Readonly<Record<'http:' | 'https:', http.Agent>>;

/**
 * How far requests may reach. Where they begin is the operator's word and may lie anywhere. Where a redirect leads
 * is a server's word: to the internet, or to a private address where only private ones led there. So no server on
 * the internet can make this process ask what its own network alone can reach.
 *
 * A name is checked when it is resolved for a connection, which goes to the address that was checked, whatever the
 * name means a moment later. Connections that were checked are kept apart from those that were not.
 */
export class Reach {
  readonly #network: Network;
  readonly #anywhere: Agents;
  readonly #internet: Agents;
  /** Names by whether any of their addresses is of the internet, as they were last resolved. */
  readonly #names = new Map<string, boolean>();

  /** @param connections to one host at a time, of each kind */
  constructor(connections: number, network: Network = theNetwork) {
    this.#network = network;
    this.#anywhere = agents(connections, this.#lookup(false));
    this.#internet = agents(connections, this.#lookup(true));
  }

  /**
   * Makes the connections for the last address of a way.
   * @param way the addresses that led there, the first one given by the operator
   */
  agent(way: readonly URL[]): (url: URL) => http.Agent {
    const chosen = this.#maybeAnywhere(way) ? this.#anywhere : this.#internet;
    return ({ protocol }) => chosen[protocol === 'https:' ? 'https:' : 'http:'];
  }

  /** Whether the last address of a way is written as one of a host that it must not lead to. */
  refuses(way: readonly URL[]): boolean {
    const host = hostOf(way[way.length - 1]);
    return isIP(host) !== 0 && !this.#network.isPublic(host) && !this.#maybeAnywhere(way);
  }

  close(): void {
    for (const agent of [...Object.values(this.#anywhere), ...Object.values(this.#internet)]) agent.destroy();
  }

  #maybeAnywhere(way: readonly URL[]): boolean {
    return way.slice(0, -1).every((url) => {
      const host = hostOf(url);
      return !(isIP(host) === 0 ? (this.#names.get(host) ?? true) : this.#network.isPublic(host));
    });
  }

  #lookup(internetOnly: boolean): LookupFunction {
    return (name, options, callback) => {
      this.#network.resolve(name, (error, addresses) => {
        const [first] = addresses ?? [];
        if (error !== null || first === undefined) {
          callback(error ?? new Error(`${name} has no address`), '', 0);
          return;
        }
        const isPublic = addresses.map(({ address }) => this.#network.isPublic(address));
        this.#names.set(name, isPublic.includes(true));
        if (internetOnly && isPublic.includes(false))
          callback(Object.assign(new Error(`${name} is private`), { code: PRIVATE_ADDRESS }), '', 0);
        else if (options.all === true) callback(null, addresses);
        else callback(null, first.address, first.family);
      });
    };
  }
}

function agents(maxSockets: number, lookup: LookupFunction): Agents {
  const options = { keepAlive: true, maxSockets, lookup };
  return { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };
}

/** Name or address without the brackets of IPv6. URL brings every way to write IPv4 to the dotted one. */
function hostOf(url: URL | undefined): string {
  return (url?.hostname ?? '').replace(/^\[(.*)\]$/, '$1');
}
