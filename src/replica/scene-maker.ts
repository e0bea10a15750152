import type { PlantedObject } from '../simulation/planted.js';
import type { SceneSpec } from '../simulation/scene.js';
import type { ImgJob } from '../workers/scene-protocol.js';

/** What makes the replica's pictures; tests put a quick one in its place. */
export interface SceneMaker {
  /** What a scene plants; known before any pixel is made. @throws UsageError when the hardware does not fit */
  truth(spec: SceneSpec): Promise<readonly PlantedObject[]>;
  /** Makes the scene's PTIF. */
  make(spec: SceneSpec, path: string): Promise<void>;
  /** Makes the scene's image product (`.IMG`) and its label beside it (`.xml`); without it there are none. */
  makeImg?(spec: SceneSpec, job: ImgJob): Promise<void>;
  /** Gives up what is being made. */
  close(): Promise<void>;
}
