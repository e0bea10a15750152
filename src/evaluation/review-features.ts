/** What the learned order knows of a detection. */
export interface Described {
  readonly score: number;
  /** Named raw scores. */
  readonly scores: Readonly<Record<string, number>>;
  /** Latent code of its best tile. */
  readonly latent: ArrayLike<number>;
}

/** Which numbers make up a row of features, in which order. */
export interface FeatureLayout {
  /** Named scores that every example has, in alphabetical order. */
  readonly scores: readonly string[];
  /** Dimensions of the latent code. */
  readonly latent: number;
}

/** @param examples at least one */
export function layoutOf(examples: readonly Described[]): FeatureLayout {
  const [first] = examples;
  const shared = Object.keys(first?.scores ?? {}).filter((name) =>
    examples.every(({ scores }) => Number.isFinite(scores[name])),
  );
  return { scores: shared.sort(), latent: first?.latent.length ?? 0 };
}

export function widthOf({ scores, latent }: FeatureLayout): number {
  return 1 + scores.length + latent;
}

/**
 * The score, the named raw scores and the code. Raw scores reach over decades: their logarithms are taken.
 * @returns null where the detection lacks what the layout asks for
 */
export function featuresOf(one: Described, layout: FeatureLayout): Float64Array | null {
  if (one.latent.length !== layout.latent) return null;
  const named = layout.scores.map((name) => one.scores[name] ?? NaN);
  const features = Float64Array.of(one.score, ...named.map(signedLog), ...Array.from(one.latent));
  return features.every(Number.isFinite) ? features : null;
}

function signedLog(value: number): number {
  return Math.sign(value) * Math.log1p(Math.abs(value));
}
