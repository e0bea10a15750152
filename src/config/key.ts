import { z } from 'zod';

/**
 * What a key says of itself beside its type and default. `results` marks keys that change detections: only
 * those enter the config hash of a scan.
 */
export interface KeyMeta {
  readonly description: string;
  readonly unit?: string;
  readonly results?: true;
  /** Never logged or printed; may be given as a file by `…_FILE`. */
  readonly secret?: true;
}

const meta = z.registry<KeyMeta>();

/** The description of a key's schema. */
export function metaOf(key: z.ZodType): KeyMeta {
  return meta.get(key) ?? { description: '' };
}

/** A key of a section: its type, with bounds and default, and what it says of itself. */
export function key<T extends z.ZodType>(type: T, about: KeyMeta): T {
  meta.add(type, about);
  return type;
}

/** A whole number within low..high, `value` where none is given. */
export const integer = (low: number, high: number, value: number) =>
  z.int().min(low).max(high).default(value);

/** A number within low..high, `value` where none is given. */
export const number = (low: number, high: number, value: number) =>
  z.number().min(low).max(high).default(value);
