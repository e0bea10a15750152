import type { Database } from './database.js';
import { loadGazetteer } from './gazetteer.js';
import { loadKnownObjects, type LoadedKnownObjects } from './known-objects.js';

/** What a load of the reference data did; zeros where all was up to date. */
export interface LoadedReference extends LoadedKnownObjects {
  /** Named features written. */
  readonly features: number;
}

/** Brings named features and known objects up to what this version ships, and the tags made with them. */
export async function loadReference(db: Database): Promise<LoadedReference> {
  const features = await loadGazetteer(db);
  return { features, ...(await loadKnownObjects(db)) };
}
