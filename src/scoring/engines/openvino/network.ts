import koffi from 'koffi';
import { given, succeed, type Core, type Precision } from './core.js';
import type { Handle } from './library.js';

/** `ov_element_type_e` */
const ELEMENT = { bfloat16: 2, float: 4, uint8: 16 } as const;
/** How a value's elements are seen here: those of bfloat16 by their bits. */
const ARRAY = { bfloat16: Uint16Array, float: Float32Array, uint8: Uint8Array } as const;
type Element = keyof typeof ELEMENT;
type Values = Uint8Array | Uint16Array | Float32Array;
/** Lays what goes in for the tiles `from` to `to` where it is read. */
type Fill = (values: Values, from: number, to: number) => void;

/** A value that goes in or comes out: its type and the shape of one tile's part. */
export interface Port {
  readonly type: Element;
  readonly shape: readonly number[];
}
export type Ports<N extends string = string> = Readonly<Record<N, Port>>;

/** A graph for any number of tiles, and how it is computed. */
export interface Stage {
  /** ONNX, its weights in it. */
  readonly graph: Uint8Array;
  readonly precision: Precision;
  readonly inputs: Ports;
  readonly outputs: Ports;
}

/**
 * A graph on OpenVINO for any number of tiles. It is compiled for one number of tiles, with buffers that are used again,
 * and what does not fill them is padded: a tile's scores depend neither on its place nor on the others. Graphs of a free
 * number of tiles, which OpenVINO has, too, are slower.
 */
export class Network<I extends string, O extends string> {
  readonly #core: Core;
  readonly #batch: number;
  readonly #ports: Ports;
  #compiled: Handle | null = null;
  #request: Handle | null = null;
  readonly #tensors = new Map<string, Handle>();
  readonly #values = new Map<string, Values>();

  /**
   * @param batch tiles that are computed at a time
   * @param threads of the CPU
   * @throws OperationalError where OpenVINO does not take the graph
   */
  constructor(core: Core, stage: Stage, batch: number, threads: number) {
    this.#core = core;
    this.#batch = batch;
    this.#ports = { ...stage.inputs, ...stage.outputs };
    try {
      for (const [name, port] of Object.entries(this.#ports)) this.#addTensor(name, port);
      this.#compile(stage, threads);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * @param inputs of each the first `count` tiles are read, or it lays them down
   * @param wanted outputs to take back
   * @throws OperationalError with OpenVINO's words
   */
  run<W extends O>(
    count: number,
    inputs: Readonly<Record<I, Values | Fill>>,
    wanted: readonly W[],
  ): Record<W, Float32Array> {
    const { openVino } = this.#core;
    const results = {} as Record<W, Float32Array>;
    for (const name of wanted) results[name] = new Float32Array(count * sizeOf(this.#ports[name]!));
    for (let from = 0; from < count; from += this.#batch) {
      const to = Math.min(count, from + this.#batch);
      for (const [name, all] of Object.entries<Values | Fill>(inputs)) {
        const each = sizeOf(this.#ports[name]!);
        const values = this.#values.get(name)!;
        if (typeof all === 'function') all(values, from, to);
        else values.set(all.subarray(from * each, to * each));
      }
      succeed(openVino, openVino.functions.infer(this.#request!));
      for (const name of wanted) {
        const each = sizeOf(this.#ports[name]!);
        results[name].set(this.#values.get(name)!.subarray(0, (to - from) * each), from * each);
      }
    }
    return results;
  }

  close(): void {
    const { functions } = this.#core.openVino;
    this.#values.clear();
    if (this.#request !== null) functions.freeRequest(this.#request);
    this.#request = null;
    for (const tensor of this.#tensors.values()) functions.freeTensor(tensor);
    this.#tensors.clear();
    if (this.#compiled !== null) functions.freeCompiled(this.#compiled);
    this.#compiled = null;
  }

  #addTensor(name: string, port: Port): void {
    const { openVino } = this.#core;
    const { functions } = openVino;
    const dims = [this.#batch, ...port.shape];
    const tensor = given(openVino, (out: [Handle | null]) =>
      functions.createTensor(ELEMENT[port.type], { rank: dims.length, dims }, out),
    );
    this.#tensors.set(name, tensor);
    const data = given(openVino, (out: [Handle | null]) => functions.tensorData(tensor, out));
    const array = ARRAY[port.type];
    const bytes = array.BYTES_PER_ELEMENT * this.#batch * sizeOf(port);
    const values = new array(koffi.view(data, bytes));
    // What pads a batch are numbers, too.
    this.#values.set(name, values.fill(0));
  }

  #compile({ graph, precision, inputs, outputs }: Stage, threads: number): void {
    const { openVino } = this.#core;
    const { functions } = openVino;
    const shapes = Object.fromEntries(
      Object.entries(inputs).map(([name, { shape }]) => [name, [this.#batch, ...shape]]),
    );
    const compiled = this.#core.compile(graph, shapes, precision, threads);
    this.#compiled = compiled;
    const request = given(openVino, (out: [Handle | null]) => functions.createRequest(compiled, out));
    this.#request = request;
    for (const name of Object.keys({ ...inputs, ...outputs }))
      succeed(openVino, functions.setTensor(request, name, this.#tensors.get(name)!));
  }
}

/** Values of one tile. */
function sizeOf({ shape }: Port): number {
  return shape.reduce((product, side) => product * side, 1);
}
