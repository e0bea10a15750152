/** A band of image lines, cut to the valid columns, that lies in a wider buffer. */
export interface PixelArea {
  /** First line held, in the image. */
  readonly firstLine: number;
  /** Valid columns and lines held. */
  readonly width: number;
  readonly lines: number;
  /** DN of pixel (x, y) of the area: `data[y * stride + offset + x]`. */
  readonly data: Uint8Array;
  readonly stride: number;
  readonly offset: number;
  /** Flags laid out as `data`, 1 = no measurement; `null` when all are valid. */
  readonly nulls: Uint8Array | null;
}
