import koffi from 'koffi';
import { given, succeed, type Core, type Precision } from './core.js';
import type { Handle } from './library.js';

/** `ov_element_type_e` */
const ELEMENT = { float: 4, uint8: 16 } as const;
type Element = keyof typeof ELEMENT;
type Values = Uint8Array | Float32Array;

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

/** Tiles that a graph takes at a time; those that are left over go through a graph for few. */
const BULK = 32;
const FEW = 8;

/**
 * Graphs on OpenVINO, one after the other, for any number of tiles. A value of one graph goes to the next by its name.
 * Each graph is compiled for two numbers of tiles, with buffers that are used again, and what does not fill the
 * smaller one is padded: a tile's scores are the same in both, whatever its place.
 */
export class Network<I extends string, O extends string> {
  readonly #ports: Ports;
  readonly #bulk: FixedBatch;
  readonly #few: FixedBatch;

  /**
   * @param threads of the CPU
   * @throws OperationalError where OpenVINO does not take a graph
   */
  constructor(core: Core, stages: readonly Stage[], threads: number) {
    this.#ports = Object.assign(
      {},
      ...stages.map(({ inputs, outputs }) => ({ ...inputs, ...outputs })),
    ) as Ports;
    this.#bulk = new FixedBatch(core, stages, this.#ports, BULK, threads);
    this.#few = new FixedBatch(core, stages, this.#ports, FEW, threads);
  }

  /**
   * @param inputs of each the first `count` tiles are read
   * @param wanted outputs to take back
   * @throws OperationalError with OpenVINO's words
   */
  run<W extends O>(
    count: number,
    inputs: Readonly<Record<I, Values>>,
    wanted: readonly W[],
  ): Record<W, Float32Array> {
    const results = {} as Record<W, Float32Array>;
    for (const name of wanted) results[name] = new Float32Array(count * sizeOf(this.#ports[name]!));
    for (let from = 0; from < count;) {
      const left = count - from;
      const fixed = left > BULK - FEW ? this.#bulk : this.#few;
      const tiles = Math.min(left, fixed.batch);
      fixed.run(from, tiles, inputs, results);
      from += tiles;
    }
    return results;
  }

  close(): void {
    this.#bulk.close();
    this.#few.close();
  }
}

type Arrays = Readonly<Record<string, Values>>;

/** Graphs compiled for one number of tiles, and the memory that their values lie in. */
class FixedBatch {
  readonly batch: number;
  readonly #core: Core;
  readonly #compiled: Handle[] = [];
  readonly #requests: Handle[] = [];
  readonly #tensors = new Map<string, Handle>();
  readonly #values = new Map<string, Values>();

  constructor(core: Core, stages: readonly Stage[], ports: Ports, batch: number, threads: number) {
    this.batch = batch;
    this.#core = core;
    try {
      for (const [name, port] of Object.entries(ports)) this.#addTensor(name, port);
      for (const stage of stages) this.#addStage(stage, threads);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  run(from: number, tiles: number, inputs: Arrays, results: Arrays): void {
    const { openVino } = this.#core;
    for (const [name, all] of Object.entries(inputs)) {
      const values = this.#values.get(name)!;
      const each = values.length / this.batch;
      values.set(all.subarray(from * each, (from + tiles) * each));
    }
    for (const request of this.#requests) succeed(openVino, openVino.functions.infer(request));
    for (const [name, all] of Object.entries(results)) {
      const values = this.#values.get(name)!;
      const each = values.length / this.batch;
      all.set(values.subarray(0, tiles * each), from * each);
    }
  }

  close(): void {
    const { functions } = this.#core.openVino;
    this.#values.clear();
    for (const request of this.#requests.splice(0)) functions.freeRequest(request);
    for (const tensor of this.#tensors.values()) functions.freeTensor(tensor);
    this.#tensors.clear();
    for (const compiled of this.#compiled.splice(0)) functions.freeCompiled(compiled);
  }

  #addTensor(name: string, port: Port): void {
    const { openVino } = this.#core;
    const { functions } = openVino;
    const dims = [this.batch, ...port.shape];
    const tensor = given(openVino, (out: [Handle | null]) =>
      functions.createTensor(ELEMENT[port.type], { rank: dims.length, dims }, out),
    );
    this.#tensors.set(name, tensor);
    const data = given(openVino, (out: [Handle | null]) => functions.tensorData(tensor, out));
    const length = this.batch * sizeOf(port);
    const values =
      port.type === 'float'
        ? new Float32Array(koffi.view(data, 4 * length))
        : new Uint8Array(koffi.view(data, length));
    // What pads a batch are numbers, too.
    this.#values.set(name, values.fill(0));
  }

  #addStage({ graph, precision, inputs, outputs }: Stage, threads: number): void {
    const { openVino } = this.#core;
    const { functions } = openVino;
    const shapes = Object.fromEntries(
      Object.entries(inputs).map(([name, { shape }]) => [name, [this.batch, ...shape]]),
    );
    const compiled = this.#core.compile(graph, shapes, precision, threads);
    this.#compiled.push(compiled);
    const request = given(openVino, (out: [Handle | null]) => functions.createRequest(compiled, out));
    this.#requests.push(request);
    for (const name of Object.keys({ ...inputs, ...outputs }))
      succeed(openVino, functions.setTensor(request, name, this.#tensors.get(name)!));
  }
}

/** Values of one tile. */
function sizeOf({ shape }: Port): number {
  return shape.reduce((product, side) => product * side, 1);
}
