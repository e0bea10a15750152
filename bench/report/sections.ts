import type { Spec } from 'vega';
import type { BenchResult } from '../harness/result.js';
import { linearFit } from '../harness/statistics.js';
import { barFigure, growthFigure } from './figures.js';
import {
  figureTable,
  markdownTable,
  measuredLine,
  noteLines,
  number,
  ratioTable,
  subjectTable,
} from './markdown.js';
import { subjectName } from './names.js';

/** One part of the report. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
  readonly figure?: { readonly name: string; readonly spec: Spec; readonly about: string };
}

type Writer = (result: BenchResult) => Section;

const WRITERS: Readonly<Record<string, Writer>> = {
  scoring,
  scan: (result) => wholeWay(result, 'From the file to the rows'),
  'whole-image': (result) => wholeWay(result, 'One image of full height'),
  scaling,
  'archive-on-paper': archiveOnPaper,
};

/** What is said of a bench that has no result. */
const ABSENT: Readonly<Record<string, readonly [title: string, text: string]>> = {
  scoring: ['Scoring', 'Not measured: `npm run bench:scoring`.'],
  decode: ['Decoding', 'Not measured: `npm run bench:decode`.'],
  scan: ['From the file to the rows', 'Not measured: `npm run bench:scan`.'],
  'whole-image': ['One image of full height', 'Not measured: `npm run bench -- whole-image`.'],
  scaling: ['How cost grows', 'Not measured: `npm run bench -- scaling`.'],
  gpu: [
    'On a GPU',
    'Not measured: no GPU was at hand. `npm run bench:gpu` measures it where there is one, and this section is made from its result.',
  ],
  'archive-on-paper': ['The whole archive on paper', 'Not estimated: `npm run bench -- archive-on-paper`.'],
};

/** The sections in their order; results of other benches come after these. */
export function sectionsOf(results: ReadonlyMap<string, BenchResult>): Section[] {
  const others = [...results.keys()].filter((bench) => !(bench in ABSENT)).sort();
  return [...Object.keys(ABSENT), ...others].map((bench) => {
    const result = results.get(bench);
    if (result !== undefined) return (WRITERS[bench] ?? plain)(result);
    const [title, text] = ABSENT[bench]!;
    return { title, lines: [text] };
  });
}

function scoring(result: BenchResult): Section {
  const { figures, ratios, notes } = result;
  const rates = Object.entries(figures).flatMap(([name, value]) =>
    name.endsWith('_tiles_per_s') ? [{ name: name.slice(0, -'_tiles_per_s'.length), value }] : [],
  );
  const bars = rates
    .filter(({ name }) => !name.endsWith('1_core'))
    .sort((a, b) => b.value - a.value)
    .map(({ name, value }) => ({
      name: subjectName(name).replaceAll('`', ''),
      value,
      ours: !name.startsWith('torch'),
    }));
  return {
    title: 'Scoring',
    lines: [
      measuredLine(result),
      '',
      'Whole strips of a synthetic NAC image in memory, tiles of 64 pixels every 32. Ours goes from pixels to detections: masks, contrast, both networks, ranking, pictures. PyTorch is charged with cutting the tiles, the same two networks with the same weights and the same scores, and is given where the tiles peak. All take turns in one run.',
      '',
      ...subjectTable(figures, { _tiles_per_s: 'tiles a second', _tiles_per_cpu_s: 'tiles a CPU second' }),
      '',
      ...ratioTable(ratios),
      '',
      ...noteLines(notes),
    ],
    figure: {
      name: 'scoring',
      spec: barFigure(bars, 'Scoring', 'tiles a second of the whole machine', 'tiles a second'),
      about: 'Tiles a second of each engine',
    },
  };
}

function wholeWay(result: BenchResult, title: string): Section {
  const { figures, ratios, notes, bench } = result;
  const share = figures['not_scoring_share'];
  const bars = ['scan', 'run', 'python_best', 'python_eager'].flatMap((name) => {
    const [seconds, tiles] = [figures[`${name}_s`], figures[`${name}_tiles`]];
    if (seconds === undefined || tiles === undefined) return [];
    const warm = seconds - (figures[`${name}_warm_up_s`] ?? 0);
    return [
      {
        name: subjectName(name).replaceAll('`', ''),
        value: (1e5 * warm) / tiles,
        ours: !name.startsWith('python'),
      },
    ];
  });
  const places = figures['python_best_same_places_share'];
  return {
    title,
    lines: [
      measuredLine(result),
      '',
      `A synthetic PTIF of 5064 x ${number(figures['lines'] ?? NaN)} pixels. The Python pipeline decodes by GDAL in a thread of its own, scores by PyTorch, ranks and merges by NumPy and SciPy by the same rules and writes the rows by COPY into PostGIS. Its clock starts when its networks are compiled and warm; ours starts with the process.`,
      ...(figures['python_eager_tiles'] === undefined
        ? []
        : ['', 'With eager PyTorch it does a quarter of the lines: speeds are compared tile for tile.']),
      '',
      ...subjectTable(
        figures,
        {
          _s: 'wall time, s',
          _warm_up_s: 'of it start and compilation, s',
          _cpu_s: 'CPU time, s',
          _peak_mb: 'peak memory, MB',
          _tiles: 'tiles',
          _detections: 'detections',
        },
        '_detections',
      ),
      '',
      ...ratioTable(ratios),
      '',
      ...(share === undefined
        ? []
        : [`What is not scoring takes ${(100 * share).toFixed(1)} % of the wall time of \`run --once\`.`]),
      ...(places === undefined
        ? []
        : [
            `The pipeline in Python finds ${(100 * places).toFixed(0)} % of the same detections within a pixel.`,
          ]),
      '',
      ...noteLines(notes),
    ],
    ...(bars.length === 0
      ? {}
      : {
          figure: {
            name: bench,
            spec: barFigure(bars, title, 'seconds for 100,000 tiles, warm', 'seconds'),
            about: 'Seconds for 100,000 tiles of each way',
          },
        }),
  };
}

function scaling(result: BenchResult): Section {
  const { figures, ratios } = result;
  const named = (prefix: string): (readonly [number, string])[] =>
    Object.keys(figures).flatMap((name) => {
      const at = new RegExp(`^${prefix}_(\\d+)_s$`).exec(name)?.[1];
      return at === undefined ? [] : [[Number(at), `${prefix}_${at}`] as const];
    });
  const rows = (prefix: string): string[][] =>
    named(prefix).map(([at, name]) => [
      String(at),
      ...['_tiles', '_s', '_peak_mb'].map((suffix) => number(figures[name + suffix] ?? NaN)),
    ]);
  const points = named('stride').map(
    ([, name]) => [figures[`${name}_tiles`]!, figures[`${name}_s`]!] as const,
  );
  const table = (head: string, prefix: string): string[] =>
    markdownTable([[head, 'tiles', 'seconds', 'peak memory, MB'], ...rows(prefix)]);
  return {
    title: 'How cost grows',
    lines: [
      measuredLine(result),
      '',
      `Time grows in a line with the image's lines (R² ${figures['lines_r2']?.toFixed(4)}) and with the number of tiles (R² ${figures['tiles_r2']?.toFixed(4)}); memory grows by ${number(figures['peak_mb_per_1000_lines'] ?? NaN)} MB for each thousand lines.`,
      '',
      ...table('lines', 'lines'),
      '',
      ...table('stride, px', 'stride'),
      '',
      ...table('workers', 'workers'),
      '',
      ...ratioTable(ratios),
    ],
    figure: {
      name: 'scaling',
      spec: growthFigure(
        points,
        linearFit(points),
        'How cost grows',
        'one image, ever closer tiles',
        'tiles',
      ),
      about: 'Seconds of a scan by its number of tiles',
    },
  };
}

function archiveOnPaper(result: BenchResult): Section {
  return {
    title: 'The whole archive on paper',
    lines: [measuredLine(result), '', ...figureTable(result.figures), '', ...noteLines(result.notes)],
  };
}

function plain(result: BenchResult): Section {
  const { bench, figures, ratios, notes } = result;
  const title = bench.charAt(0).toUpperCase() + bench.slice(1).replaceAll('-', ' ');
  return {
    title: ABSENT[bench]?.[0] ?? title,
    lines: [
      measuredLine(result),
      '',
      ...ratioTable(ratios),
      '',
      ...figureTable(figures),
      '',
      ...noteLines(notes ?? {}),
    ],
  };
}
