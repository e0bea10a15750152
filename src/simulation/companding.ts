/** Companding of 12-bit samples to 8 bits: segment s begins at x[s] and gives floor(m[s] * sample + b[s]). */
export interface Companding {
  readonly code: number;
  readonly x: readonly number[];
  readonly m: readonly number[];
  readonly b: readonly number[];
}

/** The two that real labels carry most. */
export const COMPANDINGS: Readonly<Record<0 | 3, Companding>> = {
  0: { code: 0, x: [0, 32, 136, 543, 2207], m: [0.5, 0.25, 0.125, 0.0625, 0.03125], b: [0, 8, 25, 59, 128] },
  3: { code: 3, x: [0, 64, 424, 536, 800], m: [0.5, 0.25, 0.125, 0.0625, 0.03125], b: [0, 16, 69, 103, 128] },
};

/** The code of each 12-bit sample. */
export function compandTable({ x, m, b }: Companding): Uint8Array {
  return Uint8Array.from({ length: 4096 }, (_, sample) => {
    let s = 0;
    while (s + 1 < x.length && sample >= x[s + 1]!) s++;
    return Math.min(255, Math.floor(m[s]! * sample + b[s]!));
  });
}
