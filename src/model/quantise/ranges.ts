import { OnnxGraph } from '../onnx-graph.js';
import { decodeModel, encodeModel } from '../onnx-schema.js';
import { extractSubgraph, joinGraphs } from '../onnx-subgraph.js';

/** The lowest and the highest value of an activation, channel by channel. */
export interface Range {
  readonly least: Float32Array;
  readonly most: Float32Array;
}

/** Ranges of activations by the names of the layers that give them. */
export class ActivationRanges {
  readonly #ranges = new Map<string, Range>();

  /** Widens a layer's range by what was seen. */
  see(name: string, { least, most }: Range): void {
    const known = this.#ranges.get(name);
    this.#ranges.set(
      name,
      known === undefined
        ? { least: least.slice(), most: most.slice() }
        : {
            least: known.least.map((value, c) => Math.min(value, least[c]!)),
            most: known.most.map((value, c) => Math.max(value, most[c]!)),
          },
    );
  }

  /** @throws Error where nothing was seen */
  of(name: string): Range {
    const range = this.#ranges.get(name);
    if (range === undefined) throw new Error(`No range of ${name} was measured.`);
    return range;
  }
}

/** A value whose ranges are wanted; a flat one, [n, channels], has no pixels. */
export interface RangedValue {
  readonly name: string;
  readonly flat: boolean;
}

/**
 * A graph that computes, instead of its outputs, the lowest and the highest value of some of its activations over
 * a batch: `<value>.least` and `<value>.most`, of each channel.
 *
 * @param graph as `exportScorer` or `exportHardwareNet` writes it
 * @param inputs the graph's own that lead to them
 * @throws Error where the graph has no such value
 */
export function rangeGraph(
  graph: Uint8Array,
  inputs: readonly string[],
  values: readonly RangedValue[],
): Buffer {
  const model = decodeModel(graph);
  const fed = model.graph.input.filter(({ name }) => inputs.includes(name));
  const ends = new OnnxGraph();
  for (const { name, flat } of values) {
    const axes = flat ? [0] : [0, 2, 3];
    ends.node('ReduceMin', [name], { axes, keepdims: 0 }, `${name}.least`);
    ends.node('ReduceMax', [name], { axes, keepdims: 0 }, `${name}.most`);
    ends.output(`${name}.least`, 'float', ['c']);
    ends.output(`${name}.most`, 'float', ['c']);
  }
  const shown = values.map(({ name }) => ({
    name,
    type: { tensorType: { elemType: 1, shape: { dim: [] } } },
  }));
  const leading = extractSubgraph(model, fed, shown);
  return encodeModel(
    joinGraphs({ ...leading, graph: { ...leading.graph, output: [] } }, decodeModel(ends.encode('ranges'))),
  );
}
