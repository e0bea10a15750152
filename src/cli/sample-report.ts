import type { Outcome, SamplePlan } from '../pipeline/sample-record.js';
import { recordBytes } from '../archive/index/index-columns.js';

/** Assumed where too little was read to tell, bytes a second. */
const ASSUMED_RATE = 2e6;
/** Enough of an index to tell the line's rate. */
const TELLING_BYTES = 4e6;

/** How fast the archive gave its index: what is known of the line before any image is asked for. */
export class IndexMeter {
  readonly #started = performance.now();
  #bytes = 0;
  volumes = 0;

  add(volumeId: string, records: number | null): void {
    this.volumes++;
    this.#bytes += (records ?? 0) * recordBytes(volumeId);
  }

  get bytesPerSecond(): number {
    const seconds = (performance.now() - this.#started) / 1000;
    return this.#bytes < TELLING_BYTES ? ASSUMED_RATE : this.#bytes / seconds;
  }

  get rateText(): string {
    const rate = `${(this.bytesPerSecond / 1e6).toFixed(1)} MB/s`;
    return this.#bytes < TELLING_BYTES ? `at an assumed ${rate}` : `at the ${rate} of the index`;
  }
}

/** The answer of `sample`: an object for machines, a table of the strata for people. */
export function summaryOf(
  out: string,
  plan: SamplePlan,
  outcomes: readonly Outcome[],
  complete: boolean,
): { readonly json: Readonly<Record<string, unknown>>; readonly lines: string[] } {
  const drawn = outcomes.flatMap((outcome) => (outcome.outcome === 'drawn' ? [outcome] : []));
  const failed = outcomes.length - drawn.length;
  const crops = drawn.reduce((sum, outcome) => sum + outcome.crops.length, 0);
  const strata = plan.strata
    .map(({ name, available }) => ({
      name,
      available,
      images: drawn.filter(({ stratum }) => stratum === name).length,
    }))
    .sort((a, b) => byNumbers(a.name, b.name));
  const width = Math.max(7, ...strata.map(({ name }) => name.length));
  const lines = [
    `${'stratum'.padEnd(width)}  available  drawn`,
    ...strata.map(
      ({ name, available, images }) =>
        `${name.padEnd(width)}  ${String(available).padStart(9)}  ${String(images).padStart(5)}`,
    ),
    `${drawn.length} images, ${crops} windows in ${out}${failed === 0 ? '' : `; ${failed} passed over (sample.json tells why)`}${complete ? '.' : `; the archive's index has no more that can be fetched.`}`,
  ];
  const { volumes, left_out } = plan;
  return {
    json: { out, complete, images: drawn.length, crops, passed_over: failed, volumes, left_out, strata },
    lines,
  };
}

/** By the edges of the bins, in the order in which the name has them. */
function byNumbers(a: string, b: string): number {
  const edges = (name: string): number[] => (name.match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number);
  const others = edges(b);
  return (
    edges(a)
      .map((edge, i) => edge - (others[i] ?? 0))
      .find((difference) => difference !== 0) ?? 0
  );
}
