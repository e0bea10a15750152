import { z } from 'zod';

/** Every value is a string; an empty one is not told. */
const text = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .transform((value) => String(value ?? '').trim());

/** Something that stands there once, several times as a list, or not at all. */
function several<T extends z.ZodType>(item: T) {
  return z.preprocess((value): unknown => {
    if (value === null || value === undefined || value === '') return [];
    return Array.isArray(value) ? value : [value];
  }, z.array(item));
}

/** What several elements are wrapped in; empty ones are empty strings. */
function wrapped<T extends z.ZodRawShape>(shape: T) {
  return z.preprocess((value) => (typeof value === 'object' && value !== null ? value : {}), z.object(shape));
}

const file = z.object({ FileName: text, Type: text, URL: text });

const record = z.object({
  pdsid: text,
  Target_name: text,
  PDSVolume_Id: text,
  RelativePathtoVol: text,
  Product_version_id: text,
  Product_creation_time: text,
  UTC_start_time: text,
  UTC_stop_time: text,
  Start_orbit_number: text,
  Center_latitude: text,
  Center_longitude: text,
  Incidence_angle: text,
  Emission_angle: text,
  Phase_angle: text,
  Map_resolution: text,
  Footprint_C0_geometry: text,
  Footprint_GL_geometry: text,
  ODE_notes: wrapped({ ODE_note: several(z.string()) }),
  Product_files: wrapped({ Product_file: several(file) }),
});

/** A product of ODE as far as it is read here; a value that is not told is ''. */
export type OdeRecord = z.infer<typeof record>;
export type OdeFile = z.infer<typeof file>;

/** null where the element is no product at all. */
export function parseRecord(value: unknown): OdeRecord | null {
  return record.safeParse(value).data ?? null;
}

/**
 * Product id of a record: `nac.m1271742202lc` and `M1271742202LC` are one; '' where there is none.
 */
export function productIdOf(value: unknown): string {
  const id = typeof value === 'object' && value !== null ? (value as { pdsid?: unknown }).pdsid : undefined;
  if (typeof id !== 'string') return '';
  return id.trim().replace(/^.*\./, '').toUpperCase();
}
