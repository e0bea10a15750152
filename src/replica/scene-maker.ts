import { planScene, type Scene, type SceneSpec } from '../simulation/scene.js';
import { writePtif } from '../simulation/write-ptif.js';

/** What makes the replica's pictures; tests put a quick one in its place. */
export interface SceneMaker {
  plan(spec: SceneSpec): Pick<Scene, 'spec' | 'truth' | 'render'>;
  /** Writes a PTIF, asking for its lines in order. */
  write(
    path: string,
    size: { readonly width: number; readonly height: number },
    band: (firstLine: number, lines: number) => Promise<Uint8Array>,
  ): Promise<void>;
}

export const simulatedScenes: SceneMaker = { plan: planScene, write: writePtif };
