import { OperationalError, TransientError } from '../../domain/errors.js';
import type { Reservation } from './disk-budget.js';
import type { DownloadArea } from './download-area.js';
import type { Part } from './temporary-part.js';

/** What the archive says a file is. */
export interface Expected {
  /** null where it is not told. */
  readonly bytes: number | null;
  /** Lower-case hex; null where it is not told. */
  readonly md5: string | null;
}

/** An answer told a size for which there is no room now. */
export class NeedsRoom extends Error {
  readonly bytes: number;
  constructor(bytes: number) {
    super(`room for ${bytes} bytes is needed`);
    this.bytes = bytes;
  }
}

/** A file on its way, with its bounds and the room that is set aside for it. */
export class DownloadTarget {
  readonly url: string;
  readonly part: Part;
  readonly expected: Expected;
  readonly #area: DownloadArea | undefined;
  readonly #maxBytes: number;
  #room: { readonly bytes: number; readonly reservation: Reservation } | null = null;

  constructor(url: string, part: Part, expected: Expected, maxBytes: number, area: DownloadArea | undefined) {
    this.url = url;
    this.part = part;
    this.expected = expected;
    this.#area = area;
    this.#maxBytes = maxBytes;
  }

  /** Bytes at most. */
  get limit(): number {
    const { limit = null } = this.#area?.budget ?? {};
    return this.expected.bytes ?? Math.min(this.#maxBytes, limit ?? Infinity);
  }

  tooLong(): Error {
    if (this.expected.bytes !== null) return differs(this.url, 'is longer than', this.expected.bytes);
    const megabytes = Math.round(this.limit / 1e6);
    return new OperationalError(
      'too_large',
      `${this.url} has more than ${megabytes} MB, the most that is downloaded where no label tells the size; raise archive.max_mb and archive.disk_mb if it is an image.`,
    );
  }

  async waitForRoom(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    await this.releaseRoom();
    const reservation = await this.#area?.budget.reserve(bytes, this.part.nonce, this.url, signal);
    this.#room = reservation === undefined ? null : { bytes, reservation };
  }

  /** @param total as the server tells it @throws NeedsRoom when there is none now */
  async assertRoom(total: number | null): Promise<void> {
    const bytes = total ?? this.limit;
    if (this.#area === undefined || bytes <= (this.#room?.bytes ?? -1)) return;
    await this.releaseRoom();
    const reservation = await this.#area.budget.tryReserve(bytes, this.part.nonce, this.url);
    if (reservation === null) throw new NeedsRoom(bytes);
    this.#room = { bytes, reservation };
  }

  async releaseRoom(): Promise<void> {
    await this.#room?.reservation.release();
    this.#room = null;
  }
}

/** A size that is not the expected one: it is asked again. */
export function differs(url: string, how: string, bytes: number): TransientError {
  return new TransientError(
    'size_mismatch',
    `${url} ${how} the ${bytes} bytes that it should have; it is asked again later.`,
  );
}
