import { createHash } from 'node:crypto';

/** Images share this many digests, so that what is remembered does not grow with the folder. */
const BUCKETS = 4096;
const DIGEST_BYTES = 8;

/**
 * What is remembered of a folder: for each of 4096 groups of images a digest of all that their announcements rest
 * on. It takes 44 kB as text, however many images there are; when one changes, those of its group are announced
 * with it, of which the others are known.
 */
export class KnownImages {
  readonly #digests: Buffer;

  private constructor(digests: Buffer) {
    this.#digests = digests;
  }

  static none(): KnownImages {
    return new KnownImages(Buffer.alloc(BUCKETS * DIGEST_BYTES));
  }

  /** From what `toState` gave; anything else knows nothing. */
  static fromState(state: unknown): KnownImages {
    const text = (state as { readonly known?: unknown } | null)?.known;
    const digests = typeof text === 'string' ? Buffer.from(text, 'base64') : Buffer.alloc(0);
    return digests.length === BUCKETS * DIGEST_BYTES ? new KnownImages(digests) : KnownImages.none();
  }

  /** @param unfinished images that are to be looked at again whether they change or not */
  toState(unfinished: Iterable<string>): { readonly known: string } {
    const digests = Buffer.from(this.#digests);
    for (const group of new Set([...unfinished].map(groupOf))) {
      const at = group * DIGEST_BYTES;
      for (let i = at; i < at + DIGEST_BYTES; i++) digests[i] = ~(digests[i] ?? 0) & 0xff;
    }
    return { known: digests.toString('base64') };
  }

  /** @param fingerprint at least 8 bytes, evenly distributed. Each image is added once, in any order. */
  add(imageId: string, fingerprint: Uint8Array): void {
    const at = groupOf(imageId) * DIGEST_BYTES;
    for (let i = 0; i < DIGEST_BYTES; i++)
      this.#digests[at + i] = (this.#digests[at + i] ?? 0) ^ (fingerprint[i] ?? 0);
  }

  equals(other: KnownImages): boolean {
    return this.#digests.equals(other.#digests);
  }

  /** Whether an image and all others of its group are the same in both. */
  agrees(other: KnownImages, imageId: string): boolean {
    const at = groupOf(imageId) * DIGEST_BYTES;
    const end = at + DIGEST_BYTES;
    return this.#digests.subarray(at, end).equals(other.#digests.subarray(at, end));
  }
}

function groupOf(imageId: string): number {
  return createHash('sha256').update(imageId).digest().readUInt16BE(0) % BUCKETS;
}
