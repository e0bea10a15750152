import { Ground, type Hardware } from './ground.js';
import { grown, Workspace, type Region } from './lattice.js';
import { lightOf } from './light.js';
import { planHardware } from './plan-hardware.js';
import type { PlantedObject } from './planted.js';
import { hash } from './random.js';
import type { SceneSpec } from './scene-spec.js';
import { blurred, exposed, PSF_MARGIN, type Stretch } from './sensor.js';
import { chooseStretch } from './stretch.js';
import { TERRAINS } from './terrain.js';

export type { SceneSpec };

/** A synthetic NAC image with known hardware. */
export interface Scene {
  readonly spec: SceneSpec;
  readonly truth: readonly PlantedObject[];
  /** Lines [firstLine, firstLine + lines), full width, one byte a pixel; the same whatever the banding. */
  render(firstLine: number, lines: number): Uint8Array;
}

/** Lines made at a time; fixed, so that no pixel depends on what is asked for. */
const CHUNK_LINES = 1024;

/**
 * Plans a scene; nothing is rendered but small windows around candidates for hardware and for the stretch.
 * @throws UsageError when the hardware does not fit.
 */
export function planScene(spec: SceneSpec): Scene {
  const light = lightOf(spec.towardsSun, spec.incidenceDeg, spec.pixelAcrossM, spec.pixelAlongM);
  const ground = new Ground(hash(spec.seed, 1), TERRAINS[spec.terrain], light);
  const { hardware, truth } = planHardware(spec, ground);
  const stretch = chooseStretch(ground, spec);
  return new RenderedScene(spec, truth, ground, hardware, stretch);
}

class RenderedScene implements Scene {
  readonly spec: SceneSpec;
  readonly truth: readonly PlantedObject[];
  private readonly ground: Ground;
  private readonly hardware: Hardware;
  private readonly stretch: Stretch;
  private readonly workspace = new Workspace();
  private last: { index: number; pixels: Uint8Array } | undefined;

  constructor(
    spec: SceneSpec,
    truth: readonly PlantedObject[],
    ground: Ground,
    hardware: Hardware,
    stretch: Stretch,
  ) {
    this.spec = spec;
    this.truth = truth;
    this.ground = ground;
    this.hardware = hardware;
    this.stretch = stretch;
  }

  render(firstLine: number, lines: number): Uint8Array {
    const { samples } = this.spec;
    const band = new Uint8Array(lines * samples);
    for (let line = firstLine; line < firstLine + lines;) {
      const index = Math.floor(line / CHUNK_LINES);
      const from = line - index * CHUNK_LINES;
      const count = Math.min(CHUNK_LINES - from, firstLine + lines - line);
      const chunk = this.chunk(index);
      band.set(chunk.subarray(from * samples, (from + count) * samples), (line - firstLine) * samples);
      line += count;
    }
    return band;
  }

  private chunk(index: number): Uint8Array {
    if (this.last?.index === index) return this.last.pixels;
    const y = index * CHUNK_LINES;
    const height = Math.min(CHUNK_LINES, this.spec.lines - y);
    const pixels = this.expose({ x: 0, y, width: this.spec.samples, height });
    this.last = { index, pixels };
    return pixels;
  }

  private expose(region: Region): Uint8Array {
    const wider = grown(region, PSF_MARGIN, PSF_MARGIN, PSF_MARGIN, PSF_MARGIN);
    const { radiance } = this.ground.render(wider, this.hardware);
    const image = this.workspace.lattice('image', region);
    blurred(radiance, image);
    const { seed, samples, frame } = this.spec;
    const { level } = this.ground.light;
    return exposed(image, this.stretch, { seed: hash(seed, 2), samples, side: frame, level });
  }
}
