import type { PlantedObject } from '../simulation/planted.js';
import type { SceneSpec } from '../simulation/scene.js';

/** Messages to the thread that makes scenes, and back. */
export type ToSceneWorker =
  | { readonly kind: 'truth'; readonly id: number; readonly spec: SceneSpec }
  | { readonly kind: 'make'; readonly id: number; readonly spec: SceneSpec; readonly path: string }
  | { readonly kind: 'close' };

export type FromSceneWorker =
  | { readonly kind: 'done'; readonly id: number; readonly truth: readonly PlantedObject[] }
  | { readonly kind: 'error'; readonly id: number; readonly message: string; readonly usage: boolean };
