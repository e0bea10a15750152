/** Something that the replica serves. */
export interface Resource {
  readonly type: string;
  /** What its ETag is made of; null: it is served without one. */
  readonly md5: string | null;
  readonly lastModified: Date | null;
  readonly bytes: number;
  /** In memory, or the path of a file. */
  readonly content: Buffer | string;
}
