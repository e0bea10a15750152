import { z } from 'zod';
import { OperationalError } from '../domain/errors.js';
import { fromFloat16Bits, toFloat16Bits } from './float16.js';
import type { Weight, Weights } from './weights.js';

export type StoredType = 'F16' | 'F32';

/** Where a tensor's bytes lie: from the file's first byte. */
export interface StoredTensor {
  readonly type: StoredType;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

const side = z.int().nonnegative();
const headerEntry = z.object({
  dtype: z.string(),
  shape: z.array(side).readonly(),
  /** First byte and the one after the last, from where the header ends. */
  data_offsets: z.tuple([side, side]).readonly(),
});
const headerSchema = z.record(z.string(), z.unknown());
const metadataSchema = z.record(z.string(), z.string()).default({});
type HeaderEntry = z.infer<typeof headerEntry>;

/** Name of the texts among the tensors. */
const METADATA = '__metadata__';
const BYTES: Record<StoredType, number> = { F16: 2, F32: 4 };
/** The header is padded so that the data begin here, whence every F32 tensor is aligned. */
const ALIGNMENT = 8;

/**
 * Writes the safetensors format: an 8-byte little-endian header length, a JSON header, the data.
 * @param typeOf precision in which each tensor is kept.
 * @param metadata texts that the file carries beside its tensors.
 * @see https://github.com/huggingface/safetensors#format
 */
export function writeSafetensors(
  weights: Weights,
  typeOf: (name: string) => StoredType,
  metadata: Readonly<Record<string, string>> = {},
): Buffer {
  // Wider types first, as the reference writer does: each tensor then starts at a multiple of its type's size.
  const names = [...weights.keys()].sort((a, b) => BYTES[typeOf(b)] - BYTES[typeOf(a)] || (a < b ? -1 : 1));
  const entries: Record<string, HeaderEntry | Record<string, string>> = {
    __metadata__: { format: 'pt', ...metadata },
  };
  const parts: Buffer[] = [];
  let at = 0;
  for (const name of names) {
    const weight = weights.get(name);
    if (weight === undefined) continue;
    const type = typeOf(name);
    const bytes = encode(weight.data, type);
    entries[name] = { dtype: type, shape: weight.shape, data_offsets: [at, at + bytes.length] };
    parts.push(bytes);
    at += bytes.length;
  }
  const json = JSON.stringify(entries);
  const padded = Buffer.from(json.padEnd(Math.ceil(Buffer.byteLength(json) / ALIGNMENT) * ALIGNMENT));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, ...parts]);
}

/** Where each tensor of a safetensors file lies. @throws OperationalError naming `file`. */
export function locateTensors(bytes: Buffer, file: string): Map<string, StoredTensor> {
  const { entries, dataFrom } = readHeader(bytes, file);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, stored] of Object.entries(entries)) {
    if (name === METADATA) continue;
    const entry = valid(headerEntry, stored, file, name);
    const { dtype } = entry;
    const [from, to] = entry.data_offsets;
    const count = entry.shape.reduce((product, side) => product * side, 1);
    if (dtype !== 'F16' && dtype !== 'F32') throw broken(file, `${name} is of type ${dtype}, not F16 or F32`);
    if (to - from !== count * BYTES[dtype] || dataFrom + to > bytes.length)
      throw broken(file, `${name} does not fit`);
    tensors.set(name, {
      type: dtype,
      shape: entry.shape,
      offset: dataFrom + from,
      length: to - from,
    });
  }
  return tensors;
}

/** The texts that a safetensors file carries beside its tensors. @throws OperationalError naming `file`. */
export function readMetadata(bytes: Buffer, file: string): Readonly<Record<string, string | undefined>> {
  return valid(metadataSchema, readHeader(bytes, file).entries[METADATA], file, METADATA);
}

/** All tensors as single precision. @throws OperationalError naming `file`. */
export function readSafetensors(bytes: Buffer, file: string): Weights {
  const weights: Weights = new Map();
  for (const [name, stored] of locateTensors(bytes, file)) weights.set(name, readTensor(bytes, stored));
  return weights;
}

/** One tensor of a file as single precision. */
export function readTensor(bytes: Buffer, { type, shape, offset, length }: StoredTensor): Weight {
  const data = new Float32Array(length / BYTES[type]);
  if (type === 'F32') bytes.copy(new Uint8Array(data.buffer), 0, offset, offset + length);
  else for (let i = 0; i < data.length; i++) data[i] = fromFloat16Bits(bytes.readUInt16LE(offset + 2 * i));
  return { shape, data };
}

function encode(data: Float32Array, type: StoredType): Buffer {
  // Every machine that Node and the engines run on keeps numbers as the format does, lowest byte first.
  if (type === 'F32') return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const bytes = Buffer.alloc(data.length * BYTES[type]);
  data.forEach((value, i) => bytes.writeUInt16LE(toFloat16Bits(value), 2 * i));
  return bytes;
}

function readHeader(bytes: Buffer, file: string): { entries: Record<string, unknown>; dataFrom: number } {
  if (bytes.length < 8) throw broken(file, 'it ends within its first 8 bytes');
  const dataFrom = 8 + Number(bytes.readBigUInt64LE(0));
  if (dataFrom > bytes.length) throw broken(file, 'it ends within its header');
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8', 8, dataFrom));
  } catch {
    throw broken(file, 'its header is not JSON');
  }
  return { entries: valid(headerSchema, json, file, ''), dataFrom };
}

function valid<S extends z.ZodType>(schema: S, value: unknown, file: string, name: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const field = [name, ...(parsed.error.issues[0]?.path ?? [])].filter((part) => part !== '').map(String);
  throw broken(file, `its header has no valid ${field.join('.') || 'content'}`);
}

function broken(file: string, why: string): OperationalError {
  return new OperationalError(
    'bad_model',
    `${file} is not a readable safetensors file (${why}): fetch the model folder again.`,
  );
}
