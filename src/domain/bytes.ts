/** Random access to the bytes of one file, wherever it lies. Images are read through it alone. */
export interface ByteSource {
  /** File name for messages. */
  readonly name: string;
  /** Where the bytes lie: a path, or an address. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /**
   * The bytes `[offset, offset + length)` as far as the file reaches: shorter, or none, past its end.
   * @param into room for as many, where they may be put
   */
  read(offset: number, length: number, into?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}
