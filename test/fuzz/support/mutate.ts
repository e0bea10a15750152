import type { Random } from '../../../src/domain/random.js';

/** Bytes `[from, to)` of a sample. */
export type Span = readonly [from: number, to: number];

export interface MutationOptions {
  /** Pieces that mean something to the reader. */
  readonly tokens?: readonly (string | Uint8Array)[];
  /** Where a wrong byte is felt: most changes go there. */
  readonly hot?: readonly Span[];
}

const BYTES = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x0a, 0x0d, 0x20, 0x22, 0x2c];
const WORDS = [0, 1, 2, 3, 4, 8, 16, 255, 256, 32_767, 32_768, 65_535];
const LONGS = [0, 1, 2, 8, 65_536, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
const NUMBERS = [
  ...['0', '-1', '1', '2', '4294967296', '2147483648', '9007199254740993', '1e999', '-1e-400', 'NaN'],
  ...['999', '9999.99', '0x10', '1_000', '65536', '1048577', '00000000000000000001', '.5', '-', '+7'],
];
/** Bytes that one piece is repeated up to: enough to show a reader whose time grows with the square. */
const REPEATED_BYTES = 2 ** 16;
const SHARE_OF_HOT = 0.7;
const SHARE_OF_REPEATS = 0.01;

/** A copy of a sample with one to eight things wrong, mostly few. */
export function mutateBytes(random: Random, sample: Uint8Array, o: MutationOptions = {}): Buffer {
  let bytes: Buffer = Buffer.from(sample);
  const changes = 1 + Math.floor(8 * random.uniform() ** 3);
  for (let i = 0; i < changes; i++) bytes = change(random, bytes, o);
  return bytes;
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.integer(list.length)]!;
}

function change(random: Random, bytes: Buffer, o: MutationOptions): Buffer {
  const at = place(random, bytes.length, o.hot ?? []);
  const length = 1 + Math.floor((Math.min(bytes.length - at, 300) - 1) * random.uniform() ** 4);
  const piece = bytes.subarray(at, at + Math.max(0, length));
  if (random.uniform() < SHARE_OF_REPEATS) {
    const times = Math.ceil(REPEATED_BYTES / Math.max(1, piece.length));
    return Buffer.concat([
      bytes.subarray(0, at),
      ...new Array<Buffer>(times).fill(piece),
      bytes.subarray(at),
    ]);
  }
  const insert = (what: Uint8Array) => Buffer.concat([bytes.subarray(0, at), what, bytes.subarray(at)]);
  const over = (what: Uint8Array) => {
    bytes.set(what.subarray(0, bytes.length - at), at);
    return bytes;
  };
  switch (random.integer(13)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(8));
      return bytes;
    case 1:
      return over(Uint8Array.of(random.integer(256)));
    case 2:
      return over(Uint8Array.of(pick(random, BYTES)));
    case 3:
      return over(number(random, 2, pick(random, WORDS)));
    case 4:
      return over(number(random, 4, pick(random, LONGS)));
    case 5:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 6:
      return insert(piece);
    case 7:
      return insert(Uint8Array.from({ length: 1 + random.integer(4) }, () => random.integer(256)));
    case 8:
      return random.uniform() < 0.3 ? bytes.subarray(0, at) : over(piece.map(() => 0));
    case 9: {
      const from = place(random, bytes.length, o.hot ?? []);
      return over(Buffer.from(bytes.subarray(from, from + length)));
    }
    case 10:
      return otherNumber(random, bytes, at);
    default: {
      const token = o.tokens === undefined ? pick(random, NUMBERS) : pick(random, o.tokens);
      const what = typeof token === 'string' ? Buffer.from(token, 'latin1') : token;
      return random.uniform() < 0.5 ? insert(what) : over(what);
    }
  }
}

function place(random: Random, length: number, hot: readonly Span[]): number {
  if (hot.length > 0 && random.uniform() < SHARE_OF_HOT) {
    const [from, to] = pick(random, hot);
    return Math.min(from + random.integer(Math.max(1, to - from)), Math.max(0, length - 1));
  }
  return random.integer(Math.max(1, length));
}

function number(random: Random, size: 2 | 4, value: number): Uint8Array {
  const bytes = Buffer.alloc(size);
  if (random.uniform() < 0.5) bytes.writeUIntLE(value, 0, size);
  else bytes.writeUIntBE(value, 0, size);
  return bytes;
}

/** Puts another number in place of the next digits. */
function otherNumber(random: Random, bytes: Buffer, at: number): Buffer {
  const isDigit = (i: number) => bytes[i]! >= 0x30 && bytes[i]! <= 0x39;
  let from = at;
  while (from < bytes.length && !isDigit(from)) from++;
  if (from >= bytes.length) return bytes;
  let to = from;
  while (to < bytes.length && isDigit(to)) to++;
  const own = Number(bytes.toString('latin1', from, to));
  const near = [own + 1, own - 1, 2 * own, -own, own / 7];
  const text = random.uniform() < 0.4 ? String(pick(random, near)) : pick(random, NUMBERS);
  return Buffer.concat([bytes.subarray(0, from), Buffer.from(text), bytes.subarray(to)]);
}
