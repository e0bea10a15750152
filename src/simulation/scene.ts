import { Ground, type Hardware } from './ground.js';
import { grown, Workspace, type Lattice, type Region } from './lattice.js';
import { lightOf } from './light.js';
import { planHardware } from './plan-hardware.js';
import type { PlantedObject } from './planted.js';
import { hash } from './random.js';
import type { SceneSpec } from './scene-spec.js';
import { blurred, exposed, measured, PSF_MARGIN, type Frame, type Stretch } from './sensor.js';
import { chooseStretch } from './stretch.js';
import { TERRAINS } from './terrain.js';

export type { SceneSpec };

/** A synthetic NAC image with known hardware. */
export interface Scene {
  readonly spec: SceneSpec;
  readonly truth: readonly PlantedObject[];
  /** Lines [firstLine, firstLine + lines), full width, one byte a pixel; the same whatever the banding. */
  render(firstLine: number, lines: number): Uint8Array;
  /**
   * The same lines as the camera measures them before any stretch: radiance with noise, sunlit level ground of
   * mean albedo = 1, masked columns about 0.
   */
  measure(firstLine: number, lines: number): Float32Array;
  /** Reflectance of level ground relative to that under an overhead Sun. */
  readonly level: number;
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
  private readonly rendered = new ChunkCache((region) =>
    exposed(this.imaged(region), this.stretch, this.frame()),
  );
  private readonly measuredChunks = new ChunkCache((region) => measured(this.imaged(region), this.frame()));

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

  get level(): number {
    return this.ground.light.level;
  }

  render(firstLine: number, lines: number): Uint8Array {
    return this.rendered.lines(this.spec, firstLine, new Uint8Array(lines * this.spec.samples));
  }

  measure(firstLine: number, lines: number): Float32Array {
    return this.measuredChunks.lines(this.spec, firstLine, new Float32Array(lines * this.spec.samples));
  }

  /** Blurred radiance of a region; valid until the next call. */
  private imaged(region: Region): Lattice {
    const wider = grown(region, PSF_MARGIN, PSF_MARGIN, PSF_MARGIN, PSF_MARGIN);
    const { radiance } = this.ground.render(wider, this.hardware);
    const image = this.workspace.lattice('image', region);
    blurred(radiance, image);
    return image;
  }

  private frame(): Frame {
    const { seed, samples, frame } = this.spec;
    return { seed: hash(seed, 2), samples, side: frame, level: this.level };
  }
}

/** Makes lines chunk by chunk and keeps the last one. */
class ChunkCache<T extends Uint8Array | Float32Array> {
  private readonly make: (region: Region) => T;
  private last: { index: number; values: T } | undefined;

  constructor(make: (region: Region) => T) {
    this.make = make;
  }

  /** Fills a band of whole lines from `firstLine` on. */
  lines({ samples, lines: height }: SceneSpec, firstLine: number, band: T): T {
    const end = firstLine + band.length / samples;
    for (let line = firstLine; line < end;) {
      const index = Math.floor(line / CHUNK_LINES);
      const y = index * CHUNK_LINES;
      const to = Math.min(y + CHUNK_LINES, end);
      if (this.last?.index !== index) {
        const region = { x: 0, y, width: samples, height: Math.min(CHUNK_LINES, height - y) };
        this.last = { index, values: this.make(region) };
      }
      const { values } = this.last;
      band.set(values.subarray((line - y) * samples, (to - y) * samples), (line - firstLine) * samples);
      line = to;
    }
    return band;
  }
}
