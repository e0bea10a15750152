import koffi from 'koffi';
import { given, succeed, type Core, type Precision } from './core.js';
import type { Handle } from './library.js';

/** `ov_element_type_e` */
const ELEMENT = { float: 4, uint8: 16 } as const;
type Element = keyof typeof ELEMENT;

/** A value that goes in or comes out: its type and the shape of one tile's part. */
export interface Port {
  readonly type: Element;
  readonly shape: readonly number[];
}
export type Ports<N extends string> = Readonly<Record<N, Port>>;

export interface NetworkOptions<I extends string, O extends string> {
  readonly precision: Precision;
  readonly threads: number;
  readonly inputs: Ports<I>;
  readonly outputs: Ports<O>;
  /** An ONNX graph for any number of tiles. */
  readonly graph: Uint8Array;
}

/** Tiles that a graph takes at a time; those that are left over go through a graph for few. */
const BULK = 32;
const FEW = 8;

/**
 * A graph on OpenVINO for any number of tiles. It is compiled for two numbers of them, with buffers that are used
 * again, and what does not fill the smaller one is padded: a tile's scores are the same in both, whatever its place.
 */
export class Network<I extends string, O extends string> {
  readonly #outputs: Ports<O>;
  readonly #bulk: FixedBatch;
  readonly #few: FixedBatch;

  /** @throws OperationalError where OpenVINO does not take the graph */
  constructor(core: Core, { precision, threads, inputs, outputs, graph }: NetworkOptions<I, O>) {
    this.#outputs = outputs;
    const ports: Ports<string> = { ...inputs, ...outputs };
    const open = (batch: number): FixedBatch => {
      const shapes = Object.entries<Port>(inputs).map(([name, { shape }]) => [name, [batch, ...shape]]);
      const sides = Object.fromEntries(shapes) as Record<I, number[]>;
      return new FixedBatch(core, core.compile(graph, sides, precision, threads), ports, batch);
    };
    this.#bulk = open(BULK);
    this.#few = open(FEW);
  }

  /**
   * @param inputs the first `count` tiles of each are read
   * @param wanted outputs to take back
   * @throws OperationalError with OpenVINO's words
   */
  run<W extends O>(
    count: number,
    inputs: Readonly<Record<I, Uint8Array | Float32Array>>,
    wanted: readonly W[],
  ): Record<W, Float32Array> {
    const results = {} as Record<W, Float32Array>;
    for (const name of wanted) results[name] = new Float32Array(count * sizeOf(this.#outputs[name]));
    for (let from = 0; from < count;) {
      const left = count - from;
      const network = left > BULK - FEW ? this.#bulk : this.#few;
      const tiles = Math.min(left, network.batch);
      network.run(from, tiles, inputs, results);
      from += tiles;
    }
    return results;
  }

  close(): void {
    this.#bulk.close();
    this.#few.close();
  }
}

type Arrays = Readonly<Record<string, Uint8Array | Float32Array>>;

/** One compiled graph, and the memory that its values lie in. */
class FixedBatch {
  readonly batch: number;
  readonly #core: Core;
  readonly #compiled: Handle;
  readonly #request: Handle;
  readonly #tensors: Handle[] = [];
  readonly #values: Record<string, Uint8Array | Float32Array> = {};

  constructor(core: Core, compiled: Handle, ports: Ports<string>, batch: number) {
    this.batch = batch;
    this.#core = core;
    this.#compiled = compiled;
    const { openVino } = core;
    const { functions } = openVino;
    this.#request = given(openVino, (out: [Handle | null]) => functions.createRequest(compiled, out));
    for (const [name, port] of Object.entries(ports)) {
      const dims = [batch, ...port.shape];
      const tensor = given(openVino, (out: [Handle | null]) =>
        functions.createTensor(ELEMENT[port.type], { rank: dims.length, dims }, out),
      );
      this.#tensors.push(tensor);
      const data = given(openVino, (out: [Handle | null]) => functions.tensorData(tensor, out));
      const values = batch * sizeOf(port);
      this.#values[name] =
        port.type === 'float'
          ? new Float32Array(koffi.view(data, 4 * values))
          : new Uint8Array(koffi.view(data, values));
      succeed(openVino, functions.setTensor(this.#request, name, tensor));
    }
  }

  run(from: number, tiles: number, inputs: Arrays, results: Arrays): void {
    for (const [name, all] of Object.entries(inputs)) {
      const values = this.#values[name]!;
      const each = values.length / this.batch;
      values.set(all.subarray(from * each, (from + tiles) * each));
    }
    succeed(this.#core.openVino, this.#core.openVino.functions.infer(this.#request));
    for (const [name, all] of Object.entries(results)) {
      const values = this.#values[name]!;
      const each = values.length / this.batch;
      all.set(values.subarray(0, tiles * each), from * each);
    }
  }

  close(): void {
    const { functions } = this.#core.openVino;
    functions.freeRequest(this.#request);
    for (const tensor of this.#tensors) functions.freeTensor(tensor);
    functions.freeCompiled(this.#compiled);
  }
}

/** Values of one tile. */
function sizeOf({ shape }: Port): number {
  return shape.reduce((product, side) => product * side, 1);
}
