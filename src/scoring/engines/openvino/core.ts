import { OperationalError } from '../../../domain/errors.js';
import { loadOpenVino, type Handle, type OpenVino } from './library.js';

const DEVICE = 'CPU';

/** How numbers are computed. */
export type Precision = 'fp32' | 'bf16';
const HINTS: Record<Precision, string> = { fp32: 'f32', bf16: 'bf16' };

/** OpenVINO's runtime on the CPU: compiles graphs for it. */
export class Core {
  readonly openVino: OpenVino;
  readonly #handle: Handle;

  /** @throws OperationalError where OpenVINO is not installed or does not start */
  constructor() {
    this.openVino = loadOpenVino();
    this.#handle = given(this.openVino, (core: [Handle | null]) => this.openVino.functions.createCore(core));
  }

  get version(): string {
    return this.openVino.version;
  }

  /** Whether this CPU multiplies bfloat16 itself (AVX512-BF16, AMX); on others it would be slower than fp32. */
  hasBf16(): boolean {
    const { functions } = this.openVino;
    const capabilities = given(this.openVino, (value: [string | null]) =>
      functions.getProperty(this.#handle, DEVICE, 'OPTIMIZATION_CAPABILITIES', value),
    );
    return capabilities.split(/\s+/).includes('BF16');
  }

  /**
   * @param graph an ONNX graph with its weights. @param shapes of its inputs. @param threads of the CPU
   * @returns the compiled graph, to be freed by the caller
   * @throws OperationalError with OpenVINO's words
   */
  compile(
    graph: Uint8Array,
    shapes: Readonly<Record<string, readonly number[]>>,
    precision: Precision,
    threads: number,
  ): Handle {
    const { functions } = this.openVino;
    const model = given(this.openVino, (out: [Handle | null]) =>
      functions.readModel(this.#handle, graph, graph.length, null, out),
    );
    try {
      const side = (length: number) => ({ min: length, max: length });
      const sized = Object.values(shapes).map((shape) => ({
        rank: side(shape.length),
        dims: shape.map(side),
      }));
      const names = Object.keys(shapes);
      succeed(this.openVino, functions.reshape(model, names, sized, names.length));
      const properties = {
        INFERENCE_PRECISION_HINT: HINTS[precision],
        INFERENCE_NUM_THREADS: String(threads),
        NUM_STREAMS: '1',
        // Several sessions share the machine, and each would take the same cores for its own.
        ENABLE_CPU_PINNING: 'NO',
      };
      const list = Object.entries(properties).flatMap(([key, value]) => ['str', key, 'str', value]);
      return given(this.openVino, (out: [Handle | null]) =>
        functions.compile(this.#handle, model, DEVICE, list.length / 2, out, ...list),
      );
    } finally {
      functions.freeModel(model);
    }
  }

  close(): void {
    this.openVino.functions.freeCore(this.#handle);
  }
}

/** What a function gives. @throws OperationalError with OpenVINO's words where it fails */
export function given<T>(openVino: OpenVino, call: (out: [T | null]) => number): T {
  const out: [T | null] = [null];
  succeed(openVino, call(out));
  return out[0]!;
}

/** @throws OperationalError with OpenVINO's words where a status is not that of success */
export function succeed({ functions }: OpenVino, status: number): void {
  if (status === 0) return;
  const words = functions.lastError()?.trim();
  throw new OperationalError('engine', `OpenVINO fails: ${words || `status ${status}`}`);
}
