/** Random access to the bytes of one file, wherever it lies. Images are read through it alone. */
export interface ByteSource {
  /** File name for messages. */
  readonly name: string;
  /** Where the bytes lie: a path, or an address. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** The bytes `[offset, offset + length)` as far as the file reaches: shorter, or none, past its end. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}
