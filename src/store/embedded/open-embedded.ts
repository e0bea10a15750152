import type { Database } from '../database.js';

export interface EmbeddedOptions {
  readonly dir: string;
}

export function openEmbedded(options: EmbeddedOptions): Promise<Database> {
  return Promise.reject(new Error(`not yet: ${options.dir}`));
}
