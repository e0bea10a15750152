import { BASELINE_NAMES } from './baselines/baselines.js';
import type { ApBar } from './ap-figure.js';
import type { CollectedCrop, CollectedImage } from './collect.js';
import { WRONG_SUNS } from './collect.js';
import type { Picture } from './crops.js';
import type { BenchObject, DrawOptions, Stratum } from './draws.js';
import { FRAME_TILES, outranks } from './found.js';
import { HARDWARE } from './injections.js';
import {
  apDifference,
  estimateOf,
  kindStratum,
  measureStratum,
  type DataSet,
  type Measured,
} from './measure.js';
import { percent, tableLines, thousandths, withInterval } from './table.js';

/** Scores of the papers, among the named ones. */
const PAPERS = ['l2', 'mu_norm', 'vae2024'];
const SIZES = [
  [3, 5],
  [5, 7],
  [7, 10],
  [10, 16],
] as const;

export interface ReportInput {
  readonly crops: readonly Picture[];
  readonly real: readonly CollectedCrop[];
  readonly synthetic: readonly CollectedImage[];
  readonly models: readonly { readonly id: string; readonly score: string }[];
  readonly crossValidated: boolean;
  readonly draws: DrawOptions;
}

export interface Report {
  readonly lines: string[];
  readonly figures: Record<string, number>;
  readonly ratios: Record<string, { median: number; low: number; high: number }>;
  readonly bars: ApBar[];
  readonly subtitle: string;
}

type Columns = ReadonlyMap<string, ReadonlyMap<string, Measured>>;

/** Measures everything and puts it into tables. */
export function report(input: ReportInput): Report {
  const { draws } = input;
  const data = dataOf(input.real);
  const names = namesOf(data);
  const chosen = input.models[0]!.score;
  const lines: string[] = [];
  const figures: Record<string, number> = {};
  const section = (title: string, rows: string[][]): void => void lines.push('', title, ...tableLines(rows));
  const measure = (
    stratum: Stratum,
    of: DataSet = data,
    which: readonly string[] = names,
  ): ReadonlyMap<string, Measured> => {
    const measured = measureStratum(stratum, of, which, draws);
    for (const [name, one] of measured) Object.assign(figures, figuresOf(`${stratum.name}.${name}`, one));
    return measured;
  };

  const plain = data.images.reduce((sum, image) => sum + (image.plain.get('l2')?.length ?? 0), 0);
  const count = (kind: string): number => data.objects.filter((object) => object.kind === kind).length;
  const kinds = [...new Set(data.objects.map(({ kind }) => kind))];
  figures['plain_tiles'] = plain;
  for (const kind of kinds) figures[`objects.${kind}`] = count(kind);
  const injected = kinds.map((kind) => `${count(kind)} x ${kind}`).join(', ');
  lines.push(
    `${data.images.length} real crops, ${plain} plain tiles; drawn in: ${injected}`,
    `models ${input.models.map(({ id }) => id).join(', ')}; ${input.crossValidated ? 'each crop scored by models that never saw it' : 'NOT cross-validated: the model may have seen the crops'}; default score ${chosen}`,
    `AP, PaTR, EoMV: ten positive tiles to 7,000 plain ones, means and 95 % intervals over ${draws.imageDraws} draws of images with ${draws.objectDraws} sets of objects each`,
  );

  const classes: Columns = new Map([
    ['overall', measure(kindStratum('overall', data, HARDWARE))],
    ...HARDWARE.map((kind) => [kind, measure(kindStratum(kind, data, [kind]))] as const),
  ]);
  section('average precision', apRows(names, chosen, classes));
  const landers = classes.get('lander')!;
  const overall = classes.get('overall')!;
  section('landers: total recall, ranks, false alarms', landerRows(names, chosen, landers, overall));
  section(`the top of the ranking by class: share of objects in the top 0.2 / 1 / 5 % of tiles`, [
    ['score', ...HARDWARE],
    ...names.map((name) => [
      starred(name, chosen),
      ...HARDWARE.map((kind) => classes.get(kind)!.get(name)!.found.top.map(percent).join(' / ')),
    ]),
  ]);

  const ratios: Report['ratios'] = {};
  const differenceRows = names
    .filter((name) => name !== chosen)
    .map((name) => [
      name,
      ...(['overall', 'lander'] as const).map((stratum) => {
        const [ours, theirs] = [classes.get(stratum)!.get(chosen)!, classes.get(stratum)!.get(name)!];
        const difference = apDifference(ours, theirs);
        for (const [part, value] of Object.entries(difference))
          figures[`difference.${stratum}.${name}.${part}`] = Number(value);
        const quotients = estimateOf(ours.apOfDraws.map((ap, i) => ap / theirs.apOfDraws[i]!));
        ratios[`ap_${stratum}_vs_${name}`] = {
          median: quotients.value,
          low: quotients.low,
          high: quotients.high,
        };
        return withInterval(difference);
      }),
    ]);
  section(`average precision of ${chosen} above that of the others, on the same draws`, [
    ['score', 'overall', 'lander'],
    ...differenceRows,
  ]);

  section(
    'landers by size, terrain and rivals: average precision',
    strataRows(input, data, names, chosen, measure),
  );
  if (input.real.some(({ wrongSun }) => wrongSun.length > 0))
    section(
      'landers where the direction of the Sun is wrong by so many degrees: average precision',
      sunRows(input, chosen, measure),
    );
  if (input.synthetic.length > 0) {
    const moon = dataOf(input.synthetic);
    const tiles = moon.images.reduce((sum, image) => sum + (image.plain.get('l2')?.length ?? 0), 0);
    const columns: Columns = new Map(
      ['overall', ...HARDWARE]
        .map((kind) => kindStratum(`synthetic ${kind}`, moon, kind === 'overall' ? HARDWARE : [kind]))
        .filter(({ groups }) => groups.some((group) => group.length > 0))
        .map((stratum) => [stratum.name.replace('synthetic ', ''), measure(stratum, moon)] as const),
    );
    const planted = HARDWARE.map((kind) => `${moon.objects.filter((o) => o.kind === kind).length} x ${kind}`);
    section(
      `synthetic Moon, ${moon.images.length} scenes, ${tiles} plain tiles, ${planted.join(', ')}: average precision`,
      apRows(names, chosen, columns),
    );
  }
  return {
    lines,
    figures,
    ratios,
    bars: barsOf(names, classes),
    subtitle: `${data.images.length} real crops, ${plain} plain tiles, ten positive tiles to 7,000; 95 % intervals over images`,
  };
}

function dataOf(collected: readonly CollectedImage[]): DataSet {
  return {
    images: collected.map(({ image }) => image),
    objects: collected.flatMap(({ objects }) => objects),
  };
}

/** Baselines first, then the named scores in their own order. */
function namesOf({ images }: DataSet): string[] {
  const present = [...images[0]!.plain.keys()].filter((name) => images.every(({ plain }) => plain.has(name)));
  const baselines = BASELINE_NAMES.filter((name) => present.includes(name));
  return [...baselines, ...present.filter((name) => !baselines.some((baseline) => baseline === name))];
}

function starred(name: string, chosen: string): string {
  return name === chosen ? `${name} *` : name;
}

function apRows(names: readonly string[], chosen: string, columns: Columns): string[][] {
  return [
    ['score', ...columns.keys()],
    ...names.map((name) => [
      starred(name, chosen),
      ...Array.from(columns.values(), (measured) => withInterval(measured.get(name)!.ap)),
    ]),
  ];
}

function landerRows(
  names: readonly string[],
  chosen: string,
  landers: ReadonlyMap<string, Measured>,
  overall: ReadonlyMap<string, Measured>,
): string[][] {
  const figure = (value: number): string => value.toPrecision(3);
  return [
    [
      'score',
      'PaTR',
      'EoMV',
      'EoMV overall',
      'top 0.2 / 1 / 5 %',
      'alarms per million at 50 % found',
      'at 90 %',
      'per NAC frame at 90 %',
    ],
    ...names.map((name) => {
      const { patr, eomv, found } = landers.get(name)!;
      const [half = NaN, most = NaN] = found.alarmsPerMillion;
      return [
        starred(name, chosen),
        withInterval(patr),
        `${figure(eomv.value)} [${figure(eomv.low)}, ${figure(eomv.high)}]`,
        figure(overall.get(name)!.eomv.value),
        found.top.map(percent).join(' / '),
        half.toFixed(0),
        most.toFixed(0),
        ((most * FRAME_TILES) / 1e6).toFixed(0),
      ];
    }),
  ];
}

function strataRows(
  { crops }: ReportInput,
  data: DataSet,
  names: readonly string[],
  chosen: string,
  measure: (stratum: Stratum, of?: DataSet) => ReadonlyMap<string, Measured>,
): string[][] {
  const all = [...data.images.keys()];
  const rugged = all.filter((i) => crops[i]!.terrain === 'rugged');
  const isLander = ({ kind }: BenchObject): boolean => kind === 'lander' || kind === 'large lander';
  const indices = (wanted: (object: BenchObject) => boolean): number[] =>
    [...data.objects.keys()].filter((i) => wanted(data.objects[i]!));
  const strata: Stratum[] = [
    ...SIZES.map(([low, high]) => ({
      name: `${low}-${high} px`,
      images: all,
      groups: [indices((o) => isLander(o) && o.sizePx >= low && o.sizePx < high)],
    })),
    {
      name: 'rugged crops',
      images: rugged,
      groups: [indices((o) => o.kind === 'lander' && rugged.includes(o.image))],
    },
  ].filter(({ groups }) => groups.some((group) => group.length > 0));
  const measured = strata.map((stratum) => measure(stratum));
  const among = measure(
    kindStratum('boulders among plain', withBoulders(data), ['lander']),
    withBoulders(data),
  );
  const [landers, boulders] = ['lander', 'boulder'].map((kind) =>
    data.objects.filter((o) => o.kind === kind),
  );
  return [
    ['score', ...strata.map(({ name }) => name), 'boulders among plain', 'outranks a boulder'],
    ...names.map((name) => [
      starred(name, chosen),
      ...measured.map((stratum) => withInterval(stratum.get(name)!.ap)),
      withInterval(among.get(name)!.ap),
      `${percent(outranks(name, landers!, boulders!))} %`,
    ]),
  ];
}

/** Tiles that hold boulders stand among the plain ones of their image. */
function withBoulders({ images, objects }: DataSet): DataSet {
  return {
    objects,
    images: images.map(({ name, plain }, index) => {
      const boulders = objects.filter(({ kind, image }) => kind === 'boulder' && image === index);
      const joined = new Map(
        Array.from(plain, ([score, values]) => {
          const more = boulders.flatMap(({ tiles }) => Array.from(tiles.get(score)!));
          return [score, Float64Array.from([...values, ...more]).sort()];
        }),
      );
      return { name, plain: joined };
    }),
  };
}

function sunRows(
  { real }: ReportInput,
  chosen: string,
  measure: (stratum: Stratum, of?: DataSet, which?: readonly string[]) => ReadonlyMap<string, Measured>,
): string[][] {
  const columns = WRONG_SUNS.map((degrees, i) => {
    const data = dataOf(real.map(({ wrongSun }) => wrongSun[i]!));
    const title = degrees === null ? 'unknown' : `${degrees}`;
    return { title, measured: measure(kindStratum(`sun ${title}`, data, ['lander']), data, namesOf(data)) };
  });
  const names = [...columns[0]!.measured.keys()];
  const depends = names.filter((name) =>
    columns.some(({ measured }) => measured.get(name)?.ap.value !== columns[0]!.measured.get(name)!.ap.value),
  );
  return [
    ['score', ...columns.map(({ title }) => title)],
    ...depends.map((name) => [
      starred(name, chosen),
      ...columns.map(({ measured }) => thousandths(measured.get(name)?.ap.value ?? NaN)),
    ]),
  ];
}

function figuresOf(prefix: string, { ap, patr, eomv, found }: Measured): Record<string, number> {
  const [top02, top1, top5] = found.top;
  const [half, most] = found.alarmsPerMillion;
  return {
    [`${prefix}.ap`]: ap.value,
    [`${prefix}.ap_low`]: ap.low,
    [`${prefix}.ap_high`]: ap.high,
    [`${prefix}.patr`]: patr.value,
    [`${prefix}.eomv`]: eomv.value,
    [`${prefix}.eomv_low`]: eomv.low,
    [`${prefix}.eomv_high`]: eomv.high,
    [`${prefix}.top_0.2_percent`]: top02!,
    [`${prefix}.top_1_percent`]: top1!,
    [`${prefix}.top_5_percent`]: top5!,
    [`${prefix}.alarms_per_million_at_50_percent`]: half!,
    [`${prefix}.alarms_per_million_at_90_percent`]: most!,
  };
}

function barsOf(names: readonly string[], classes: Columns): ApBar[] {
  return Array.from(classes).flatMap(([panel, measured]) =>
    names.map((score): ApBar => {
      const { value, low, high } = measured.get(score)!.ap;
      const baseline = BASELINE_NAMES.some((name) => name === score);
      const group = baseline ? 'baselines' : PAPERS.includes(score) ? 'the papers’' : 'ours';
      return { score, group, panel, value, low, high };
    }),
  );
}
