/**
 * Where the time of a model's graphs goes: every operator by ONNX Runtime's own profiler, on one core, against what
 * the core can do at most; then the rates of the graphs side by side by batch size and session setting.
 *
 * Usage: npm run bench -- scoring/profile [--model FOLDER] [--batch 32] [--rounds 5] [--json] [--out FILE]
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadModelFolder } from '../../src/model/load-model-folder.js';
import { machineFacts, type MachineFacts } from '../harness/machine.js';
import { shippedModel } from '../shipped-model.js';
import { graphsOf, type Graph } from './graph-feeds.js';
import { type OperatorTime, profileGraph } from './graph-profile.js';
import { compareRates, type Rate } from './graph-rates.js';

const BATCHES = [8, 16, 32, 64, 128];
/** Session settings that were tried, by name. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'as shipped': {},
  'no spinning': { extra: { session: { intra_op: { allow_spinning: '0' } } } },
  'denormals to zero': { extra: { session: { set_denormal_as_zero: '1' } } },
  'no arena': { enableCpuMemArena: false },
  'no memory pattern': { enableMemPattern: false },
  'two threads': { intraOpNumThreads: 2 },
};

async function main(): Promise<void> {
  const { values: o } = parseArgs({
    options: {
      model: { type: 'string' },
      batch: { type: 'string', default: '32' },
      rounds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
      out: { type: 'string' },
    },
  });
  const folder = o.model ?? shippedModel();
  if (folder === null) throw new Error('models/ holds no model: name one by --model.');
  const graphs = graphsOf(await loadModelFolder(folder));
  const [batch, rounds] = [Number(o.batch), Number(o.rounds)];
  const machine = machineFacts();
  const profiles: [Graph, OperatorTime[]][] = [];
  for (const graph of graphs)
    profiles.push([graph, await profileGraph(graph.path, graph.feeds(batch), batch)]);
  const byBatch = await compareRates(
    graphs,
    BATCHES.map((size) => ({ name: `batch ${size}`, batch: size })),
    rounds,
  );
  const bySetting = await compareRates(
    graphs,
    Object.entries(SETTINGS).map(([name, options]) => ({ name, batch, options })),
    rounds,
  );
  const text = [
    ...machineLines(machine),
    ...profiles.flatMap(([graph, times]) => operatorLines(graph, times, batch)),
    ...rateLines(
      'Microseconds a tile in the fastest run on one core, by batch size',
      graphs,
      byBatch,
      leastOf,
    ),
    ...rateLines('Tiles per second on one core, by batch size', graphs, byBatch),
    ...rateLines(`Tiles per second by session setting, batch ${batch}`, graphs, bySetting),
  ].join('\n');
  const json = resultOf(machine, profiles, byBatch, batch);
  if (o.out !== undefined) {
    writeFileSync(`${o.out}.txt`, `${text}\n`);
    writeFileSync(`${o.out}.json`, `${JSON.stringify(json, null, 2)}\n`);
  }
  console.log(o.json ? JSON.stringify(json) : text);
}

function machineLines({ cpu, cores, instructions, ...machine }: MachineFacts): string[] {
  const peaks = [
    ['fp32', machine.fp32_peak_gflops],
    ['int8 (VNNI)', machine.int8_peak_gops],
    ['int8 (AMX)', machine.amx_int8_peak_gops],
    ['bf16 (AMX)', machine.amx_bf16_peak_gflops],
  ] as const;
  const told = peaks.flatMap(([name, peak]) => (peak === null ? [] : [`${name} ${peak.toFixed(0)}`]));
  return [
    `${cpu} x ${cores}: ${instructions.join(', ')}`,
    `Peak of one core, 10^9 operations a second: ${told.join(', ') || 'not measured (no gcc)'}`,
  ];
}

function operatorLines(graph: Graph, times: readonly OperatorTime[], batch: number): string[] {
  const total = times.reduce((sum, { microsecondsPerTile }) => sum + microsecondsPerTile, 0);
  const shown = times.filter(({ microsecondsPerTile }) => microsecondsPerTile >= total / 200);
  return [
    '',
    `${graph.name}, batch ${batch}: ${total.toFixed(0)} us a tile, ${((2e-3 * graph.multiplyAdds) / total).toFixed(0)} x 10^9 operations a second`,
    ...shown.map(
      ({ operator, node, microsecondsPerTile: us }) =>
        `  ${us.toFixed(1).padStart(7)} us ${((100 * us) / total).toFixed(1).padStart(5)} %  ${operator.padEnd(22)} ${node}`,
    ),
  ];
}

const leastOf = (rate: Rate): number => rate.leastMicrosecondsPerTile;

function rateLines(
  title: string,
  graphs: readonly Graph[],
  rates: readonly Rate[],
  value = (rate: Rate): number => rate.tilesPerSecond,
): string[] {
  const names = [...new Set(rates.map(({ setting }) => setting))];
  return [
    '',
    title,
    `  ${''.padEnd(20)}${graphs.map(({ name }) => name.padStart(16)).join('')}`,
    ...names.map((setting) => {
      const cells = graphs.map(({ name }) =>
        rates.find((rate) => rate.setting === setting && rate.graph === name),
      );
      return `  ${setting.padEnd(20)}${cells.map((rate) => (rate ? value(rate) : NaN).toFixed(0).padStart(16)).join('')}`;
    }),
  ];
}

function resultOf(
  machine: MachineFacts,
  profiles: readonly [Graph, OperatorTime[]][],
  rates: readonly Rate[],
  batch: number,
): object {
  const figures: Record<string, number> = {};
  for (const { setting, graph, tilesPerSecond } of rates)
    figures[`${graph} ${setting} tiles_per_s`] = Math.round(tilesPerSecond);
  const cost = (names: readonly string[], round: number): number =>
    rates
      .filter(({ setting, graph }) => setting === `batch ${batch}` && names.includes(graph))
      .reduce((sum, rate) => sum + 1 / rate.rounds[round]!, 0);
  const rounds = rates[0]?.rounds.length ?? 0;
  const ratio = (exact: readonly string[], screened: readonly string[]): object => {
    const all = Array.from({ length: rounds }, (_, round) => cost(exact, round) / cost(screened, round)).sort(
      (a, b) => a - b,
    );
    return { median: all[all.length >> 1], low: all[0], high: all[all.length - 1] };
  };
  return {
    bench: 'scoring-profile',
    machine,
    figures,
    ratios: {
      int8_vs_fp32: ratio(['scorer', 'hardware'], ['scorer.int8', 'hardware.int8']),
      scorer_int8_vs_fp32: ratio(['scorer'], ['scorer.int8']),
      hardware_int8_vs_fp32: ratio(['hardware'], ['hardware.int8']),
    },
    operators: Object.fromEntries(profiles.map(([{ name }, times]) => [name, times])),
  };
}

await main();
