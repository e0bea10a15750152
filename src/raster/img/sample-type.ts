/** How one sample lies in the file. */
export type SampleType = 'u8' | 'i16le' | 'i16be' | 'u16le' | 'u16be' | 'f32le' | 'f32be';

export const SAMPLE_BYTES: Readonly<Record<SampleType, 1 | 2 | 4>> = {
  u8: 1,
  i16le: 2,
  i16be: 2,
  u16le: 2,
  u16be: 2,
  f32le: 4,
  f32be: 4,
};

/** By SAMPLE_TYPE of PDS3, whose number of bits is said apart. */
const PDS3_KINDS: Readonly<Record<string, 'ile' | 'ibe' | 'ule' | 'ube' | 'fle' | 'fbe'>> = {
  LSB_INTEGER: 'ile',
  PC_INTEGER: 'ile',
  VAX_INTEGER: 'ile',
  LSB_UNSIGNED_INTEGER: 'ule',
  PC_UNSIGNED_INTEGER: 'ule',
  VAX_UNSIGNED_INTEGER: 'ule',
  INTEGER: 'ibe',
  MSB_INTEGER: 'ibe',
  SUN_INTEGER: 'ibe',
  MAC_INTEGER: 'ibe',
  UNSIGNED_INTEGER: 'ube',
  MSB_UNSIGNED_INTEGER: 'ube',
  SUN_UNSIGNED_INTEGER: 'ube',
  MAC_UNSIGNED_INTEGER: 'ube',
  PC_REAL: 'fle',
  IEEE_REAL: 'fbe',
  REAL: 'fbe',
  FLOAT: 'fbe',
  SUN_REAL: 'fbe',
  MAC_REAL: 'fbe',
};

const PDS4_TYPES: Readonly<Record<string, SampleType>> = {
  UnsignedByte: 'u8',
  SignedLSB2: 'i16le',
  SignedMSB2: 'i16be',
  UnsignedLSB2: 'u16le',
  UnsignedMSB2: 'u16be',
  IEEE754LSBSingle: 'f32le',
  IEEE754MSBSingle: 'f32be',
};

/**
 * The sample type of a PDS3 label; null when it is none that is read here. 8-bit samples are unsigned whatever
 * the label says: LROC declares its raw ones LSB_INTEGER and counts from 0 to 255.
 *
 * @see PDS Standards Reference 3.8, appendix C
 */
export function pds3SampleType(type: string, bits: number): SampleType | null {
  const kind = PDS3_KINDS[type.toUpperCase()];
  if (kind === undefined) return null;
  const order = kind.endsWith('le') ? 'le' : 'be';
  if (kind.startsWith('f')) return bits === 32 ? `f32${order}` : null;
  if (bits === 8) return 'u8';
  return bits === 16 ? `${kind.startsWith('u') ? 'u' : 'i'}16${order}` : null;
}

/** The same of a PDS4 label's data_type. @see PDS4 Information Model, Element_Array */
export function pds4SampleType(type: string): SampleType | null {
  return PDS4_TYPES[type] ?? null;
}
