import { NO_HARDWARE, type Ground } from './ground.js';
import { RandomStream } from './random.js';
import type { SceneSpec } from './scene-spec.js';
import type { Stretch } from './sensor.js';

const PATCHES = 8;
const PATCH = 192;
/** Shares of the ground's pixels below black and above white, as in the real crops. */
const BELOW = 0.002;
const ABOVE = 0.002;
/** Brightest black and darkest white: bland ground keeps its low contrast. */
const HIGHEST_BLACK = 0.4;
const LOWEST_WHITE = 2;

/** Contrast stretch of a scene from a few windows of its bare ground. */
export function chooseStretch(ground: Ground, spec: SceneSpec): Stretch {
  const random = new RandomStream(spec.seed, 30);
  const values = new Float32Array(PATCHES * PATCH * PATCH);
  for (let n = 0; n < PATCHES; n++) {
    const x = random.integer(0, Math.max(0, spec.samples - PATCH));
    const y = random.integer(0, Math.max(0, spec.lines - PATCH));
    const { radiance } = ground.render({ x, y, width: PATCH, height: PATCH }, NO_HARDWARE);
    values.set(radiance.data, n * PATCH * PATCH);
  }
  values.sort();
  const black = values[Math.floor(BELOW * values.length)]!;
  const white = values[Math.floor((1 - ABOVE) * values.length)]!;
  return { black: Math.min(HIGHEST_BLACK, black), white: Math.max(LOWEST_WHITE, white) };
}
