import type { ImgProduct } from '../simulation/img-product.js';
import type { PlantedObject } from '../simulation/planted.js';
import type { SceneSpec } from '../simulation/scene.js';

/** Messages to the thread that makes scenes, and back. */
export type ToSceneWorker =
  | { readonly kind: 'truth'; readonly id: number; readonly spec: SceneSpec }
  | { readonly kind: 'make'; readonly id: number; readonly spec: SceneSpec; readonly path: string }
  | ({ readonly kind: 'make-img'; readonly id: number; readonly spec: SceneSpec } & ImgJob)
  | { readonly kind: 'close' };

/** A scene to be written as an image product, with its detached label beside it. */
export interface ImgJob {
  readonly type: 'cdr' | 'edr';
  readonly product: ImgProduct;
  readonly path: string;
}

export type FromSceneWorker =
  | { readonly kind: 'done'; readonly id: number; readonly truth: readonly PlantedObject[] }
  | { readonly kind: 'error'; readonly id: number; readonly message: string; readonly usage: boolean };
