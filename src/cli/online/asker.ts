import type { HttpClient } from '../../archive/http/http-client.js';
import { OperationalError, TransientError } from '../../domain/errors.js';

/** An answer of any status, with the first bytes of its body. */
export interface Heard {
  readonly url: string;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: Buffer;
  /** Whether the body went on; the rest was not read. */
  readonly cut: boolean;
}

export interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Read at most so many bytes of the body. Default 4096. */
  readonly maxBytes?: number;
  /** Take a redirect as the answer instead of following it. */
  readonly stay?: boolean;
}

const SILENCE = ['network', 'timeout', 'tls'];
const MOVED = [301, 302, 303, 307, 308];
const ANSWERS = [400, 401, 403, 404, 405, 410, 412, 416];

/** Asks politely, by the product's own client, and no more often than the run may. */
export class Asker {
  readonly #client: HttpClient;
  readonly #most: number;
  /** Hosts that answered, and the trouble of those that did not. */
  readonly #heard = new Set<string>();
  readonly #silent = new Map<string, TransientError>();
  #asked = 0;

  constructor(client: HttpClient, most: number) {
    this.#client = client;
    this.#most = most;
  }

  get asked(): number {
    return this.#asked;
  }

  /**
   * A host that never answered is not asked again: on a broken network each attempt may take its whole time.
   * @throws TransientError | OperationalError without an answer
   */
  async ask(url: string, options: AskOptions = {}): Promise<Heard> {
    const { host } = new URL(url);
    const silent = this.#silent.get(host);
    if (silent !== undefined) throw silent;
    if (this.#asked >= this.#most)
      throw new OperationalError('budget', `the ${this.#most} requests of this run are spent`);
    this.#asked++;
    try {
      const heard = await this.#get(url, options);
      this.#heard.add(host);
      return heard;
    } catch (error) {
      const unheard = error instanceof TransientError && SILENCE.includes(error.code);
      if (unheard && !this.#heard.has(host)) this.#silent.set(host, error);
      throw error;
    }
  }

  #get(url: string, { headers = {}, maxBytes = 4096, stay = false }: AskOptions): Promise<Heard> {
    return this.#client.get(
      url,
      async ({ status, headers: received, body }) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        for await (const chunk of body) {
          chunks.push(chunk);
          bytes += chunk.length;
          if (bytes > maxBytes) break;
        }
        const whole = Buffer.concat(chunks);
        return { url, status, headers: received, body: whole.subarray(0, maxBytes), cut: bytes > maxBytes };
      },
      {
        headers: { 'Accept-Encoding': 'identity', ...headers },
        accept: stay ? [...ANSWERS, ...MOVED] : ANSWERS,
        retries: 1,
      },
    );
  }
}
