import { RandomStream } from '../simulation/random.js';
import type { Scene, SceneSpec } from '../simulation/scene.js';
import { writeCdr } from '../simulation/write-cdr.js';
import { writeEdr, writeEdrLabel } from '../simulation/write-edr.js';
import type { SceneMaker } from './scene-maker.js';
import { writeStubPtif } from './stub-ptif.js';

/** Scenes that cost next to nothing: noise with nothing planted, of the size that their index rows tell. */
export function createStubScenes(): SceneMaker {
  return {
    truth: () => Promise.resolve([]),
    make: ({ lines, samples, seed }, path) => writeStubPtif(path, { width: samples, height: lines, seed }),
    async makeImg(spec, { type, product, path }) {
      const scene = stubScene(spec);
      if (type === 'cdr') return writeCdr(path, scene, product);
      await writeEdr(path, scene, product);
      return writeEdrLabel(path, scene, product);
    },
    close: () => Promise.resolve(),
  };
}

/** Every line is the same noise. */
function stubScene(spec: SceneSpec): Scene {
  const random = new RandomStream(spec.seed);
  const line = Float32Array.from({ length: spec.samples }, () => 1 + 0.05 * random.normal());
  return {
    spec,
    truth: [],
    level: 0.6,
    render(_, lines) {
      return Uint8Array.from(this.measure(0, lines), (value) => 100 * value);
    },
    measure(_, lines) {
      const band = new Float32Array(lines * spec.samples);
      for (let at = 0; at < band.length; at += spec.samples) band.set(line, at);
      return band;
    },
  };
}
