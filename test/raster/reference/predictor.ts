/** A typed array of unsigned integers, in which differences wrap as TIFF's do. */
type Words = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

/**
 * Undoes horizontal differencing in place.
 *
 * @param lineSamples samples of a line of one block, all bands
 * @param bands samples of a pixel
 * @see TIFF 6.0, section 14
 */
export function undoDifferences(words: Words, lineSamples: number, bands: number): void {
  if (words instanceof BigUint64Array) {
    for (let line = 0; line < words.length; line += lineSamples) {
      for (let i = line + bands; i < line + lineSamples; i++) words[i]! += words[i - bands]!;
    }
    return;
  }
  for (let line = 0; line < words.length; line += lineSamples) {
    for (let i = line + bands; i < line + lineSamples; i++) words[i]! += words[i - bands]!;
  }
}

/**
 * Undoes the floating-point predictor in place: the bytes of a line are differences, and all first bytes of its
 * samples stand before all second ones, the most significant first. The samples come out little-endian.
 *
 * @param sampleBytes bytes of a sample
 * @see Adobe Photoshop TIFF Technical Note 3
 */
export function undoFloatDifferences(
  bytes: Uint8Array,
  lineSamples: number,
  bands: number,
  sampleBytes: number,
): void {
  const lineBytes = lineSamples * sampleBytes;
  undoDifferences(bytes, lineBytes, bands);
  const line = new Uint8Array(lineBytes);
  for (let at = 0; at + lineBytes <= bytes.length; at += lineBytes) {
    line.set(bytes.subarray(at, at + lineBytes));
    for (let b = 0; b < sampleBytes; b++) {
      const from = b * lineSamples;
      for (let i = 0; i < lineSamples; i++) bytes[at + (i + 1) * sampleBytes - 1 - b] = line[from + i]!;
    }
  }
}
