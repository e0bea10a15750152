import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchesIn, partsOf, sourceOf } from '../../bench/harness/find-benches.js';
import { benchOptions } from '../../bench/harness/options.js';
import {
  parseChildrenCpu,
  parseMachineCpu,
  parseProcessStat,
  treeOf,
  useOfTree,
} from '../../bench/harness/processes.js';
import { configFor, defaultConfig, keyThatTakes } from '../../bench/harness/product.js';
import { linesOf, rounded, type BenchResult } from '../../bench/harness/result.js';
import {
  believed,
  orderOf,
  rateOf,
  runRounds,
  speedRatio,
  type Measurement,
} from '../../bench/harness/rounds.js';
import { memoryRaster, repeatedLines, WIDTH } from '../../bench/harness/scene.js';
import { linearFit, percentile, spreadOf } from '../../bench/harness/statistics.js';

const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 });

describe('the spread of ratios', () => {
  it('lies within the values and around the median', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const { low, median, high } = spreadOf(values);
        expect(low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(high).toBeLessThanOrEqual(Math.max(...values));
        expect(low <= median && median <= high).toBe(true);
      }),
    );
  });

  it('is the whole range of a few rounds and two thirds of many', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3 });
    const many = Array.from({ length: 101 }, (_, i) => i);
    expect(spreadOf(many)).toEqual({ median: 50, low: 16, high: 84 });
    expect(percentile([], 0.5)).toBeNaN();
  });
});

describe('the line of least squares', () => {
  it('finds a line again, and says how much of the values it explains', () => {
    const fit = linearFit([0, 1, 2, 5].map((x) => [x, 3 + 2 * x] as const));
    expect(fit.slope).toBeCloseTo(2, 12);
    expect(fit.intercept).toBeCloseTo(3, 12);
    expect(fit.r2).toBeCloseTo(1, 12);
    expect(
      linearFit([
        [0, 0],
        [1, 5],
        [2, 0],
      ]).r2,
    ).toBeCloseTo(0, 12);
    expect(() =>
      linearFit([
        [1, 1],
        [1, 2],
      ]),
    ).toThrow(RangeError);
  });
});

describe('a round', () => {
  const measured = (name: string, round: number, seconds: number, foreign = 0): Measurement => ({
    name,
    round,
    seconds,
    cpuSeconds: seconds,
    work: 100,
    foreign,
  });

  it('begins with each contestant in turn and leaves none out', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 1 }), fc.nat(50), (items, round) => {
        const order = orderOf(items, round);
        expect(order[0]).toBe(items[round % items.length]);
        expect([...order].sort()).toEqual([...items].sort());
      }),
    );
  });

  it('that others disturbed is left out where three quiet ones exist, and only there', () => {
    const three = [0, 1, 2].flatMap((round) => [measured('a', round, 1), measured('b', round, 2)]);
    const busy = [measured('a', 3, 9, 0.5), measured('b', 3, 2)];
    expect(believed([...three, ...busy], ['a', 'b'])).toEqual([0, 1, 2]);
    expect(believed([...three.slice(0, 4), ...busy], ['a', 'b'])).toEqual([0, 1, 3]);
    expect(believed(busy, ['a', 'b'])).toEqual([3]);
    expect(speedRatio([...three, ...busy], 'a', 'b')).toEqual({ median: 2, low: 2, high: 2 });
    expect(rateOf([...three, ...busy], 'a')).toBe(100);
  });

  it('in which a contestant is missing has no ratio', () => {
    const all = [measured('a', 0, 1), measured('b', 0, 2), measured('a', 1, 1)];
    expect(believed(all, ['a', 'b'])).toEqual([0]);
  });

  it('runs all contestants in turns and stops when the time is up', async () => {
    const ran: string[] = [];
    const contestant = (name: string) => ({
      name,
      run: () => {
        ran.push(name);
        return new Promise<number>((resolve) => setTimeout(() => resolve(1), 30));
      },
    });
    const all = await runRounds([contestant('a'), contestant('b')], 5, 0.1, () => undefined);
    expect(ran.slice(0, 4)).toEqual(['a', 'b', 'b', 'a'].slice(0, ran.length));
    expect(ran.length).toBeLessThan(10);
    expect(all[0]).toMatchObject({ name: 'a', round: 0, work: 1 });
  });
});

describe('the load of the machine', () => {
  it('is read from the kernel, with names that hold brackets', () => {
    const fields = [
      'S',
      '7',
      ...Array<string>(9).fill('0'),
      '100',
      '50',
      '25',
      '25',
      ...Array<string>(6).fill('0'),
      '10',
    ];
    const text = `12 (a (b) c) ${fields.join(' ')} 0 0`;
    expect(parseProcessStat(text)).toEqual({ parent: 7, cpuSeconds: 2, rssBytes: 40_960 });
    expect(parseChildrenCpu(text)).toBe(0.5);
    expect(() => parseProcessStat('12 (a) S')).toThrow(RangeError);
    expect(parseMachineCpu('cpu  100 0 100 900 50 0 0 100 0 0\ncpu0 1 1')).toBe(3);
  });

  it('of a process holds those below it and no other', () => {
    const parents = new Map([
      [2, 1],
      [3, 2],
      [4, 3],
      [9, 8],
    ]);
    expect([...treeOf(2, parents)].sort()).toEqual([2, 3, 4]);
    expect(useOfTree(process.pid).rssBytes).toBeGreaterThan(1e6);
  });
});

describe('the list of benches', () => {
  const texts: Record<string, string> = {
    'scan/scan.ts': '/** One.\n * Usage: npm run bench:scan [-- --size small|full] [--json] */',
    'scan/helper.ts': '/** Helps. */',
    'memory/raster.ts': '/**\n * Usage: npm run bench -- memory/raster\n */',
    'archive-on-paper/archive-on-paper.ts': '/** Usage: npm run bench -- archive-on-paper [--size small] */',
    'report/report.ts': '/** Usage: npm run bench -- report [--size small|full] */',
    'decode/decode.ts': '/** Usage: npm run bench:decode [-- --size small|full] */',
    'sites/sites.ts': '/** Usage: npm run bench -- sites [--figure X.svg] */',
  };
  const benches = benchesIn(Object.keys(texts), (file) => texts[file]!);

  it('is made of the files that tell how they are run', () => {
    const names = ['archive-on-paper', 'decode', 'memory/raster', 'report', 'scan', 'sites'];
    expect(benches.map(({ name }) => name)).toEqual(names);
    expect(sourceOf('scan', benches)).toBe('scan/scan');
    expect(sourceOf('memory/raster', benches)).toBe('memory/raster');
    expect(sourceOf('scan/helper', benches)).toBeNull();
  });

  it('runs those that take a size, and what reads the results of others after them', () => {
    expect(partsOf(benches)).toEqual(['decode', 'scan', 'archive-on-paper']);
  });
});

describe('the options of a bench', () => {
  it('have a default by size', () => {
    const rounds = { small: 1, full: 3 };
    expect(benchOptions(rounds, ['lines'], [])).toMatchObject({ size: 'full', rounds: 3, json: false });
    const given = ['--size', 'small', '--json', '--lines', '64'];
    expect(benchOptions(rounds, ['lines'], given)).toEqual({
      size: 'small',
      rounds: 1,
      json: true,
      own: { lines: '64' },
    });
  });
});

describe('the product as a bench sees it', () => {
  it('is found by the values that its keys take', () => {
    expect(keyThatTakes(['index', 'folder'])).toEqual({ section: 'archive', key: 'source' });
    expect(keyThatTakes(['no such value'])).toBeNull();
  });

  it('scores everything in fp32 where that is asked for', () => {
    expect(configFor({ mode: 'exact', engine: 'onnx', workers: 1 })?.scoring.workers).toBe(1);
    expect(defaultConfig().model.path).toMatch(/^models\/starter@/);
  });
});

describe('a result', () => {
  const result: BenchResult = {
    bench: 'x',
    machine: {} as BenchResult['machine'],
    command: 'npm run bench -- x',
    date: '2026-01-01',
    size: 'small',
    rounds: 1,
    busy_rounds: 1,
    figures: { a_s: 1.234567 },
    ratios: { a_vs_b: { median: 2.000001, low: 1, high: 3 } },
    notes: { gpu: 'not measured' },
  };

  it('has no more digits than were measured', () => {
    expect(rounded(result).figures).toEqual({ a_s: 1.2346 });
    expect(rounded(result).ratios).toEqual({ a_vs_b: { median: 2, low: 1, high: 3 } });
  });

  it('tells its figures, ratios and notes line by line', () => {
    expect(linesOf(result)).toEqual([
      'a_s    1.235',
      'a_vs_b 2 (1-3)',
      'gpu    not measured',
      'Others used the machine in 1 rounds.',
    ]);
  });
});

describe('an image in memory', () => {
  const picture = Uint8Array.from({ length: 3 * WIDTH }, (_, i) => Math.floor(i / WIDTH) + 1);

  it('repeats its lines downwards', async () => {
    expect(repeatedLines(picture, 2, 3).filter((_, i) => i % WIDTH === 0)).toEqual(Uint8Array.of(3, 1, 2));
    const raster = memoryRaster(picture, 7);
    expect(await raster.window(10, 4, 2, 2)).toEqual(Uint8Array.of(2, 2, 3, 3));
    for await (const strip of raster.strips([{ firstLine: 5, lines: 2 }]))
      expect([strip.data[0], strip.data[WIDTH], strip.data.length]).toEqual([3, 1, 2 * WIDTH]);
  });
});

it('every bench that a package script names is there', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const files = readdirSync('bench', { recursive: true, encoding: 'utf8' });
  const benches = benchesIn(files, (file) => readFileSync(join('bench', file), 'utf8'));
  const named = Object.keys(scripts).filter((name) => name.startsWith('bench:'));
  expect(named).toContain('bench:gpu');
  for (const script of named) {
    const name = /^node scripts\/bench\.js (\S+)$/.exec(scripts[script]!)?.[1] ?? '';
    expect(sourceOf(name, benches), script).not.toBeNull();
  }
});
