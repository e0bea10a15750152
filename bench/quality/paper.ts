/**
 * The paper's three experiments (sections 3 and 4) replayed at many landing sites: 200, 2,000 and 8,000 tiles
 * around one lander with 4, 6 and 10 positive ones, on the synthetic Moon and on real NAC crops with a lander
 * drawn in. Nothing is tuned on them; the metrics are the paper's.
 *
 * Usage: npm run bench -- quality/paper [--folds DIR] [--model FOLDER] [--replays 36] [--quick] [--write] [--json]
 * --folds is the folder of the models that `quality/train-folds` makes, none of which saw the crops it scores;
 * where there are none, the real crops are left out. --write puts the table into bench/results and the
 * figures into docs/paper.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { openPool } from '../../src/cli/open-pool.js';
import { configSchema } from '../../src/config/schema.js';
import type { ScoreEvaluation } from '../../src/evaluation/evaluate-scores.js';
import { short } from '../../src/evaluation/figure-text.js';
import { drawFigure } from '../../src/figures/draw-figure.js';
import { loadModelFolder } from '../../src/model/load-model-folder.js';
import { scanOptions } from '../../src/pipeline/scan-options.js';
import type { ScoreName } from '../../src/scoring/normalise.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { startProgress } from '../../src/telemetry/progress.js';
import { shippedModel } from '../shipped-model.js';
import { dataFolder, readCrops } from './crops.js';
import { FOLD_FOLDER, foldModels } from './folds.js';
import { cropOf, cropSite } from './paper-crop-site.js';
import { EXPERIMENTS, type Experiment, type Site } from './paper-experiments.js';
import { outcomesFigure, quantile, replayFigure } from './paper-figures.js';
import { evaluateLander, SiteScanner } from './paper-replay.js';
import { syntheticSite } from './paper-synthetic-site.js';

const QUICK_REPLAYS = 3;
/** The paper's score, its second one and that of its authors' next paper. */
const PAPER_SCORES = ['l2', 'mu_norm', 'vae2024'] as const;
const METRICS = ['ap', 'patr', 'eomv'] as const;

/** One site, ranked by each score; `default` is the score that the model names. */
interface Replay {
  readonly data: string;
  readonly experiment: Experiment;
  readonly scores: Readonly<Record<string, ScoreEvaluation>>;
  readonly defaultScore: string;
}

/** What is scored by one model. */
interface Batch {
  readonly data: string;
  readonly folder: string;
  /** Whether a site is its. */
  readonly has: (site: number) => boolean;
  readonly site: (experiment: Experiment, site: number) => Site;
}

async function main(): Promise<void> {
  const { values: o } = parseArgs({
    options: {
      folds: { type: 'string', default: FOLD_FOLDER },
      model: { type: 'string' },
      replays: { type: 'string', default: '36' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const started = performance.now();
  const count = o.quick ? QUICK_REPLAYS : Number(o.replays);
  const batches = await plan(o.folds, o.model);
  const replays: Replay[] = [];
  const data = new Set(batches.map((batch) => batch.data));
  const total = data.size * EXPERIMENTS.length * count;
  const progress = startProgress(createLogger('info', 'bench'), 'the experiments', total, 'replays');
  for (const batch of batches)
    for await (const replay of replayBatch(batch, count)) {
      replays.push(replay);
      progress.update(replays.length);
    }
  progress.stop();
  const seconds = (performance.now() - started) / 1000;
  const lines = [
    ...table(replays),
    '',
    ...verdicts(replays),
    '',
    `${replays.length} replays, ${seconds.toFixed(0)} s`,
  ];
  const result = {
    bench: 'quality-paper',
    machine: `${cpus()[0]?.model ?? 'unknown'} x ${cpus().length}`,
    figures: figuresOf(replays),
    ratios: {},
  };
  if (o.write) {
    await mkdir('bench/results', { recursive: true });
    await writeFile('bench/results/quality-paper.txt', `${lines.join('\n')}\n`);
    await writeFile('bench/results/quality-paper.json', `${JSON.stringify(result, null, 1)}\n`);
    await writeFigures(replays, 'docs/paper');
  }
  (o.json ? console.error : console.log)(lines.join('\n'));
  if (o.json) console.log(JSON.stringify(result));
}

async function plan(folds: string, model: string | undefined): Promise<Batch[]> {
  const shipped = model ?? shippedModel();
  if (shipped === null) throw new Error('models/ holds no model; name one by --model');
  const batches: Batch[] = [{ data: 'synthetic', folder: shipped, has: () => true, site: syntheticSite }];
  const crops = await readCrops(dataFolder(process.cwd()));
  const models = foldModels(folds);
  if (crops === null || models.includes(null)) {
    const missing =
      crops === null ? `no crops at ${dataFolder(process.cwd())}` : `no fold models in ${folds}`;
    console.error(`${missing}: the real crops are left out`);
    return batches;
  }
  models.forEach((folder, fold) =>
    batches.push({
      data: 'crops',
      folder: folder!,
      has: (site) => cropOf(site).fold === fold,
      site: (experiment, site) => cropSite(experiment, site, crops),
    }),
  );
  return batches;
}

async function* replayBatch({ data, folder, has, site }: Batch, count: number): AsyncGenerator<Replay> {
  const config = configSchema.parse({});
  const model = await loadModelFolder(folder);
  const pool = await openPool(config, model);
  try {
    const options = scanOptions(config, model.manifest.architecture.tileSize);
    const scanner = new SiteScanner({ model, pool, options });
    const defaultScore = model.manifest.score as ScoreName;
    const names = [...new Set([defaultScore, ...PAPER_SCORES])];
    for (const experiment of EXPERIMENTS) {
      const sites = Math.ceil(count / experiment.landers);
      for (let n = 0; n < sites; n++) {
        if (!has(n)) continue;
        const place = site(experiment, n);
        const scans = await scanner.scan(place, experiment.strideY);
        for (const [k, lander] of place.landers.entries()) {
          const found = evaluateLander(place, lander, scans, experiment, names, n * experiment.landers + k);
          yield { data, experiment, defaultScore, scores: { ...found, default: found[defaultScore]! } };
        }
      }
    }
  } finally {
    await pool.close();
  }
}

const ROWS = ['default', ...PAPER_SCORES] as const;

/** Replays of each data set and experiment, in the order of the table. */
function groupsOf(replays: readonly Replay[]): { data: string; experiment: Experiment; group: Replay[] }[] {
  const data = [...new Set(replays.map((replay) => replay.data))];
  return data
    .flatMap((one) =>
      EXPERIMENTS.map((experiment) => ({
        data: one,
        experiment,
        group: replays.filter((replay) => replay.data === one && replay.experiment === experiment),
      })),
    )
    .filter(({ group }) => group.length > 0);
}

function valuesOf(group: readonly Replay[], score: string, metric: (typeof METRICS)[number]): number[] {
  return group.map(({ scores }) => scores[score]![metric].value);
}

/** How many replays returned all positives before all others. */
function perfectOf(group: readonly Replay[], score: string): number {
  return valuesOf(group, score, 'patr').filter((patr) => patr === 1).length;
}

function table(replays: readonly Replay[]): string[] {
  const lines: string[] = ['median [quartiles] over replays; the paper has one site each'];
  for (const { data, experiment, group } of groupsOf(replays)) {
    const { name, paper } = experiment;
    const tiles = group.map(
      ({ scores }) => scores['default']!.plain_tiles + scores['default']!.positive_tiles,
    );
    const positives = group.map(({ scores }) => scores['default']!.positive_tiles);
    lines.push(
      '',
      `${data}, ${name}: ${span(tiles)} tiles, ${span(positives)} positive; the paper: AP ${paper.ap}, PaTR ${paper.patr}, EoMV ${paper.eomv}`,
      `  ${'score'.padEnd(14)} ${METRICS.map((metric) => metric.toUpperCase().padEnd(28)).join('')}all first`,
    );
    for (const score of ROWS) {
      const names = [...new Set(group.map(({ defaultScore }) => defaultScore))].join('/');
      const label = score === 'default' ? `default (${names})` : score;
      const cells = METRICS.map((metric) => {
        const values = valuesOf(group, score, metric);
        const [low, median, high] = [0.25, 0.5, 0.75].map((share) => short(quantile(values, share)));
        return `${median} [${low}, ${high}]`.padEnd(28);
      });
      const perfect = perfectOf(group, score);
      lines.push(`  ${label.padEnd(14)} ${cells.join('')}${perfect} of ${group.length}`);
    }
  }
  return lines;
}

/** What was asked of the default score before anything was measured, and whether it was reached. */
function verdicts(replays: readonly Replay[]): string[] {
  return groupsOf(replays).flatMap(({ data, experiment, group }) => {
    const median = (metric: 'ap' | 'eomv') => quantile(valuesOf(group, 'default', metric), 0.5);
    const said = (what: string, value: number, least: number): string =>
      `${data}, ${experiment.name}: median ${what} ${short(value)}, asked ${least}: ${value >= least ? 'reached' : 'not reached'}`;
    if (experiment.name === 'toy') return [said('AP', median('ap'), 1)];
    if (experiment.name === 'test')
      return [said('AP', median('ap'), 0.49), said('EoMV', median('eomv'), 111)];
    return [];
  });
}

function figuresOf(replays: readonly Replay[]): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const { data, experiment, group } of groupsOf(replays))
    for (const score of ROWS) {
      const key = `${data}_${experiment.name}_${score}`;
      for (const metric of METRICS) {
        const values = valuesOf(group, score, metric);
        figures[`${key}_${metric}_median`] = quantile(values, 0.5);
        figures[`${key}_${metric}_q1`] = quantile(values, 0.25);
        figures[`${key}_${metric}_q3`] = quantile(values, 0.75);
      }
      figures[`${key}_perfect_share`] = perfectOf(group, score) / group.length;
      figures[`${key}_replays`] = group.length;
    }
  return figures;
}

/** The replay of median AP of each experiment but the toy, and the AP of all. */
async function writeFigures(replays: readonly Replay[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const groups = groupsOf(replays);
  for (const { data, experiment, group } of groups) {
    if (experiment.name === 'toy') continue;
    const ranked = group.toSorted((a, b) => a.scores['default']!.ap.value - b.scores['default']!.ap.value);
    const middle = ranked[Math.floor((ranked.length - 1) / 2)]!;
    const { png } = await replayFigure(middle.defaultScore, middle.scores['default']!);
    await writeFile(`${folder}/${data}-${experiment.name}.png`, png);
  }
  const panelOf = (data: string, { name }: Experiment): string => `${data}, ${name}`;
  const outcomes = replays.flatMap(({ data, experiment, scores }) =>
    ROWS.map((score) => ({ panel: panelOf(data, experiment), score, ap: scores[score]!.ap.value })),
  );
  const panels = groups.map(({ data, experiment }) => ({
    name: panelOf(data, experiment),
    paper: experiment.paper.ap,
  }));
  const { png } = await drawFigure(outcomesFigure(outcomes, panels, ROWS));
  await writeFile(`${folder}/average-precision.png`, png);
}

function span(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? String(low) : `${low} to ${high}`;
}

await main();
