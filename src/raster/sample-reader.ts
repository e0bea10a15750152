import { letOthersRun } from '../domain/let-others-run.js';
import { loadSamples, type LoadedSamples, type RawLines, type SampleForm } from './load-samples.js';
import type { ComputedWorth, SampleWorth } from './sample-worth.js';
import { floatBits, SpecialFloats } from './special-floats.js';
import { levelOf, levelsPerUnit, type Stretch } from './stretch.js';

/** Samples that are worked on before others may run, unless one line has more: what the processor's cache holds. */
const SAMPLES_A_TURN = 2 ** 19;

/** Turns lines into grey levels. @param out as many as pixels are asked for */
export type GreyReader = (lines: RawLines, out: Uint8Array) => Promise<void>;

/** Turns the samples of a file into numbers or grey levels, some lines at a time, between which others run. */
export class SampleReader {
  readonly #form: SampleForm;
  readonly #worth: SampleWorth;

  constructor(form: SampleForm, worth: SampleWorth) {
    this.#form = form;
    this.#worth = worth;
  }

  /** What the samples of a band are worth. @param out as many as pixels are asked for */
  async numbers(lines: RawLines, band: number, out: Float32Array): Promise<void> {
    const worth = this.#worth;
    if (worth.table === null) {
      const special = new SpecialFloats(worth, 0, floatBits);
      await this.#byTurns(lines, band, special.bytes, out, ({ kernels, at, count, spareAt }) => {
        this.#toFloats(kernels.run, worth, at, count);
        special.set(kernels, spareAt);
        kernels.run.numbersOfFloats(at, count);
        return kernels.floats(at, count);
      });
      return;
    }
    const { table } = worth;
    await this.#byTurns(lines, band, 0, out, ({ kernels, at, count, outAt }) => {
      if (this.#form.kind.bytes === 1) kernels.run.numbersOfBytes(at, outAt, count, kernels.table(table));
      else kernels.run.numbersOfShorts(at, outAt, count, kernels.table(table));
      return kernels.floats(outAt, count);
    });
  }

  /** Makes what turns the samples of a band into their grey levels under a stretch. */
  grey(stretch: Stretch, band: number): GreyReader {
    const worth = this.#worth;
    if (worth.table === null) return this.#computedGrey(worth, stretch, band);
    const levels = levelsOf(worth.table, stretch);
    return (lines, out) =>
      this.#byTurns(lines, band, 0, out, ({ kernels, at, count, outAt }) => {
        if (this.#form.kind.bytes === 1) kernels.run.levelsOfBytes(at, outAt, count, kernels.table(levels));
        else kernels.run.levelsOfShorts(at, outAt, count, kernels.table(levels));
        return kernels.bytes.subarray(outAt, outAt + count);
      });
  }

  #computedGrey(worth: ComputedWorth, stretch: Stretch, band: number): GreyReader {
    const { black, white } = stretch;
    const isFlat = !(white > black);
    const typical = (black / 2 + white / 2 - worth.base) / worth.factor;
    const special = new SpecialFloats(worth, typical, (value) => levelOf(stretch, value));
    return (lines, out) =>
      this.#byTurns(lines, band, special.bytes, out, ({ kernels, at, count, outAt, spareAt }) => {
        this.#toFloats(kernels.run, worth, at, count);
        special.set(kernels, spareAt);
        kernels.run.setStretch(black, isFlat ? 1 : levelsPerUnit(stretch), isFlat);
        kernels.run.levelsOfFloats(at, outAt, count);
        return kernels.bytes.subarray(outAt, outAt + count);
      });
  }

  async #byTurns<T extends Float32Array | Uint8Array>(
    lines: RawLines,
    band: number,
    spareBytes: number,
    out: T,
    work: (samples: LoadedSamples) => T,
  ): Promise<void> {
    const most = Math.max(1, Math.floor(SAMPLES_A_TURN / (lines.stride * this.#form.bands)));
    for (let first = 0; first < lines.height; first += most) {
      if (first > 0) await letOthersRun();
      const height = Math.min(most, lines.height - first);
      const samples = loadSamples(this.#form, lines, band, first, height, spareBytes);
      const made = work(samples);
      const { width } = lines;
      if (samples.stride === width) out.set(made, first * width);
      else
        for (let y = 0; y < height; y++) {
          const from = y * samples.stride;
          out.set(made.subarray(from, from + width), (first + y) * width);
        }
    }
  }

  #toFloats(
    run: LoadedSamples['kernels']['run'],
    { stated }: ComputedWorth,
    at: number,
    count: number,
  ): void {
    const { name } = this.#form.kind;
    if (name === 'float64') run.floatsOfDoubles(at, count, stated ?? NaN);
    if (name !== 'int32' && name !== 'uint32') return;
    const isSigned = name === 'int32';
    const bits = (stated ?? NaN) | 0;
    const isStated = stated !== null && (isSigned ? bits : bits >>> 0) === stated;
    run.floatsOfWords(at, count, isSigned, isStated, bits);
  }
}

/** The grey levels of a table's numbers. */
function levelsOf(table: Float32Array, stretch: Stretch): Uint8Array {
  const levels = new Uint8Array(table.length);
  for (let i = 0; i < table.length; i++) levels[i] = levelOf(stretch, table[i]!);
  return levels;
}
