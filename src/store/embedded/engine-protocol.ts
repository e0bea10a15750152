/** Given to the thread of the embedded engine when it starts. */
export interface EngineData {
  /** Folder of the engine's files; it exists. */
  readonly folder: string;
  /** Whether a database is to be made there. */
  readonly create: boolean;
  /** Where snapshots are kept, when not in the usual places. */
  readonly cacheFolder: string | undefined;
}

/** `batch`: messages of the PostgreSQL protocol up to one that is answered; transferred. */
export type ToEngine = { readonly kind: 'batch'; readonly bytes: Uint8Array } | { readonly kind: 'close' };

export type FromEngine =
  | { readonly kind: 'ready' }
  /** The answer to the oldest batch that has none; transferred. */
  | { readonly kind: 'reply'; readonly bytes: Uint8Array }
  /** The engine could not be opened, or is broken; the thread ends. */
  | { readonly kind: 'dead'; readonly reason: string };
