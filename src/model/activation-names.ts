/** The value of a graph that a layer's ReLU gives. */
export function activationOf(layer: string): string {
  return `${layer}.activation`;
}
