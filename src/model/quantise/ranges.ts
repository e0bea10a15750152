import { OnnxGraph } from '../onnx-graph.js';
import { decodeModel, encodeModel } from '../onnx-schema.js';
import { extractSubgraph, joinGraphs } from '../onnx-subgraph.js';

/** The lowest and the highest value of an activation. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** Ranges of activations by the names of the layers that give them. */
export class ActivationRanges {
  readonly #ranges = new Map<string, Range>();

  /** Widens a layer's range by what was seen. */
  see(name: string, { least, most }: Range): void {
    const known = this.#ranges.get(name);
    this.#ranges.set(name, {
      least: Math.min(least, known?.least ?? Infinity),
      most: Math.max(most, known?.most ?? -Infinity),
    });
  }

  /** @throws Error where nothing was seen */
  of(name: string): Range {
    const range = this.#ranges.get(name);
    if (range === undefined) throw new Error(`No range of ${name} was measured.`);
    return range;
  }

  /** The highest value, above zero so that something can be divided by it. */
  most(name: string): number {
    return Math.max(this.of(name).most, 1e-6);
  }
}

/**
 * A graph that computes, instead of its outputs, the lowest and the highest value of some of its activations over
 * a batch: `<value>.least` and `<value>.most`, single numbers.
 *
 * @param graph as `exportScorer` or `exportHardwareNet` writes it
 * @param inputs the graph's own that lead to them
 * @throws Error where the graph has no such value
 */
export function rangeGraph(graph: Uint8Array, inputs: readonly string[], values: readonly string[]): Buffer {
  const model = decodeModel(graph);
  const fed = model.graph.input.filter(({ name }) => inputs.includes(name));
  const ends = new OnnxGraph();
  for (const value of values) {
    ends.node('ReduceMin', [value], { keepdims: 0 }, `${value}.least`);
    ends.node('ReduceMax', [value], { keepdims: 0 }, `${value}.most`);
    ends.output(`${value}.least`, 'float', []);
    ends.output(`${value}.most`, 'float', []);
  }
  const shown = values.map((name) => ({ name, type: { tensorType: { elemType: 1, shape: { dim: [] } } } }));
  const leading = extractSubgraph(model, fed, shown);
  return encodeModel(
    joinGraphs({ ...leading, graph: { ...leading.graph, output: [] } }, decodeModel(ends.encode('ranges'))),
  );
}
