import { availableParallelism } from 'node:os';
import { machineCpuSeconds, useOfTree } from './processes.js';
import { median, spreadOf, type Ratio } from './statistics.js';

/** One of several that do the same work. */
export interface Contestant {
  readonly name: string;
  /** Does its work once. @returns how much that was, such as tiles */
  run(): Promise<number | Work>;
}

/** Work of a contestant that knows its CPU time itself, more finely than the system's accounts of processes. */
export interface Work {
  readonly work: number;
  readonly cpuSeconds: number;
}

/** One contestant in one round. */
export interface Measurement {
  readonly name: string;
  readonly round: number;
  readonly seconds: number;
  /** Of this process and all that it started. */
  readonly cpuSeconds: number;
  readonly work: number;
  /** Share of the machine that others used meanwhile, 0..1. */
  readonly foreign: number;
}

/** Above this share of the machine in others' hands a measurement is not believed where better ones exist. */
export const BUSY_SHARE = 0.12;
/** Quiet rounds from which the busy ones are left out. */
const ENOUGH_QUIET = 3;

/** Contestants in the order of a round: each round begins with another, so that nobody is always behind the same. */
export function orderOf<T>(items: readonly T[], round: number): T[] {
  const from = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(from), ...items.slice(0, from)];
}

/**
 * Runs all contestants round by round, A B C, B C A, ….
 *
 * @param budgetS no further round begins when it would probably end later than this
 */
export async function runRounds(
  contestants: readonly Contestant[],
  rounds: number,
  budgetS: number,
  note: (text: string) => void,
): Promise<Measurement[]> {
  const all: Measurement[] = [];
  const started = performance.now();
  for (let round = 0; round < rounds; round++) {
    const spent = (performance.now() - started) / 1000;
    if (round > 0 && spent + spent / round > budgetS) {
      note(`${round} of ${rounds} rounds fitted into ${budgetS} s`);
      break;
    }
    for (const contestant of orderOf(contestants, round)) {
      const measured = await measure(contestant, round);
      all.push(measured);
      const busy = measured.foreign > BUSY_SHARE ? `, busy: others used ${percent(measured.foreign)}` : '';
      note(
        `round ${round + 1} ${contestant.name}: ${measured.seconds.toFixed(2)} s, ` +
          `${(measured.work / measured.seconds).toFixed(0)} a second${busy}`,
      );
    }
  }
  return all;
}

async function measure(contestant: Contestant, round: number): Promise<Measurement> {
  const machine = machineCpuSeconds();
  const own = useOfTree(process.pid).cpuSeconds;
  const started = performance.now();
  const done = await contestant.run();
  const seconds = (performance.now() - started) / 1000;
  const used = Math.max(0, useOfTree(process.pid).cpuSeconds - own);
  const others = machineCpuSeconds() - machine - used;
  const { work, cpuSeconds } = typeof done === 'number' ? { work: done, cpuSeconds: used } : done;
  const foreign = Math.max(0, others / (seconds * availableParallelism()));
  return { name: contestant.name, round, seconds, cpuSeconds, work, foreign };
}

/** Measurements that are believed: the quiet ones where a contestant has enough of them, else all. */
export function believed(measurements: readonly Measurement[], names: readonly string[]): number[] {
  const rounds = [...new Set(measurements.map(({ round }) => round))].filter((round) =>
    names.every((name) => measurements.some((one) => one.name === name && one.round === round)),
  );
  const quiet = rounds.filter((round) =>
    measurements.every(
      (one) => one.round !== round || !names.includes(one.name) || one.foreign <= BUSY_SHARE,
    ),
  );
  return quiet.length >= Math.min(ENOUGH_QUIET, rounds.length) ? quiet : rounds;
}

/** Work a second of a contestant, median over its believed rounds. */
export function rateOf(measurements: readonly Measurement[], name: string): number {
  return median(valuesOf(measurements, name, ({ work, seconds }) => work / seconds));
}

/** Median of what is asked of a contestant's measurements. */
export function medianOf(
  measurements: readonly Measurement[],
  name: string,
  value: (measurement: Measurement) => number,
): number {
  return median(valuesOf(measurements, name, value));
}

function valuesOf(
  measurements: readonly Measurement[],
  name: string,
  value: (measurement: Measurement) => number,
): number[] {
  const rounds = believed(measurements, [name]);
  return measurements.filter((one) => one.name === name && rounds.includes(one.round)).map(value);
}

/**
 * How much faster `a` works than `b`: one ratio of rates for each round, then their median and spread.
 *
 * @param by whether a second is one of the clock or of a core
 */
export function speedRatio(
  measurements: readonly Measurement[],
  a: string,
  b: string,
  by: 'seconds' | 'cpuSeconds' = 'seconds',
): Ratio {
  const rate = (name: string, round: number): number => {
    const one = measurements.find((each) => each.name === name && each.round === round);
    return one === undefined ? NaN : one.work / one[by];
  };
  return spreadOf(believed(measurements, [a, b]).map((round) => rate(a, round) / rate(b, round)));
}

/** Rounds in which somebody else used a noticeable part of the machine. */
export function busyRounds(measurements: readonly Measurement[]): number {
  return new Set(measurements.filter(({ foreign }) => foreign > BUSY_SHARE).map(({ round }) => round)).size;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
