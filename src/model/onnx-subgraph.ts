import type { ModelProto, NodeProto } from './onnx-schema.js';

type ValueInfo = ModelProto['graph']['input'][number];

/**
 * The part of a model that leads from some of its values to others: its nodes and weights, nothing else.
 *
 * @param inputs values that are fed instead of computed
 * @param outputs values that the model computes
 * @throws Error when an output depends on something that is neither fed nor stored
 */
export function extractSubgraph(
  model: ModelProto,
  inputs: readonly ValueInfo[],
  outputs: readonly ValueInfo[],
): ModelProto {
  const { graph } = model;
  const fed = new Set(inputs.map(({ name }) => name));
  const makerOf = new Map<string, NodeProto>();
  for (const node of graph.node) for (const value of node.output) makerOf.set(value, node);
  const stored = new Set(graph.initializer.map(({ name }) => name));
  const nodes = new Set<NodeProto>();
  const weights = new Set<string>();
  const open = outputs.map(({ name }) => name);
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (fed.has(value)) continue;
    const maker = makerOf.get(value);
    if (maker !== undefined) {
      if (nodes.has(maker)) continue;
      nodes.add(maker);
      open.push(...maker.input);
    } else if (stored.has(value)) {
      weights.add(value);
    } else {
      throw new Error(`The graph ${graph.name} has no value ${value}.`);
    }
  }
  return {
    ...model,
    graph: {
      name: graph.name,
      // In the order of the whole graph, which is one in which they can be computed.
      node: graph.node.filter((node) => nodes.has(node)),
      initializer: graph.initializer.filter(({ name }) => weights.has(name)),
      input: [...inputs],
      output: [...outputs],
    },
  };
}

/** Both graphs as one; what the second computes may depend on values of the first. */
export function joinGraphs(first: ModelProto, second: ModelProto): ModelProto {
  const [a, b] = [first.graph, second.graph];
  const own = new Set([...a.node.flatMap(({ output }) => output), ...a.initializer.map(({ name }) => name)]);
  const twice = b.node.flatMap(({ output }) => output).find((value) => own.has(value));
  if (twice !== undefined) throw new Error(`Both graphs compute ${twice}.`);
  return {
    ...first,
    graph: {
      name: a.name,
      node: [...a.node, ...b.node.map((node) => ({ ...node, name: `${b.name}.${node.name}` }))],
      initializer: [...a.initializer, ...b.initializer],
      input: a.input,
      output: [...a.output, ...b.output],
    },
  };
}
