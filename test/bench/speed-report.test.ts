import { describe, expect, it } from 'vitest';
import { bottleneck, wholeArchive } from '../../bench/archive-on-paper/estimate.js';
import type { BenchResult } from '../../bench/harness/result.js';
import { markdownTable, number, ratioTable, subjectTable } from '../../bench/report/markdown.js';
import { sectionsOf } from '../../bench/report/sections.js';
import { samePlaces } from '../../bench/scan/same-places.js';
import { agreement } from '../../bench/scoring/agreement.js';

const machine: BenchResult['machine'] = {
  cpu: 'Some Processor',
  cores: 2,
  instructions: ['avx2'],
  memory_gb: 24,
  fp32_peak_gflops: 100,
  int8_peak_gops: null,
  amx_int8_peak_gops: null,
  amx_bf16_peak_gflops: null,
  node: 'v24',
  kernel: '6',
  libraries: {},
};
const resultOf = (bench: string, figures: Record<string, number>): BenchResult => ({
  bench,
  machine,
  command: `npm run bench -- ${bench}`,
  date: '2026-01-01',
  size: 'full',
  rounds: 2,
  busy_rounds: 1,
  figures,
  ratios: { scan_vs_torch_best: { median: 1.5, low: 1.25, high: 2 } },
  notes: { full: 'not measured: there is none' },
});

describe('the whole archive on paper', () => {
  const none = { tilesPerS: null, cores: 2, cascadeTilesPerS: null, gpuTilesPerS: null };

  it('gives no figure that nothing measured stands behind', () => {
    const estimate = wholeArchive(none);
    expect(estimate).not.toHaveProperty('machine_days');
    expect(estimate).not.toHaveProperty('gpu_days');
    expect(bottleneck(estimate)).toBeNull();
  });

  it('follows from tiles, images and rates', () => {
    const estimate = wholeArchive({ ...none, tilesPerS: 1000 });
    expect(estimate['tiles_per_image']).toBe(154 * 1631);
    expect(estimate['machine_days']).toBeCloseTo((3e6 * 154 * 1631) / 1000 / 86_400, 6);
    expect(estimate['core_days']).toBeCloseTo(2 * estimate['machine_days']!, 6);
    expect(bottleneck(estimate)).toMatch(/^scoring: 8\d\d\d days/);
    expect(bottleneck(wholeArchive({ ...none, tilesPerS: 1e6 }))).toMatch(/^fetching: /);
  });
});

describe('the report', () => {
  it('says of what was not measured that it was not', () => {
    const sections = sectionsOf(new Map());
    expect(sections.map(({ title }) => title)).toContain('On a GPU');
    for (const { lines } of sections) expect(lines.join(' ')).toMatch(/^Not (measured|estimated)/);
  });

  it('has a table with its command of every result, also of a bench that it does not know', () => {
    const results = new Map([
      ['scoring', resultOf('scoring', { exact_onnx_tiles_per_s: 440, torch_best_tiles_per_s: 1240 })],
      ['rendering', resultOf('rendering', { pages_per_s: 12 })],
    ]);
    const text = sectionsOf(results)
      .map(({ title, lines }) => `${title}\n${lines.join('\n')}`)
      .join('\n');
    expect(text).toContain(
      '`npm run bench -- scoring`, 2026-01-01, in 2 rounds, others used the machine in 1',
    );
    expect(text).toContain('| PyTorch at its best (compiled, bf16, channels_last) | 1,240 |');
    expect(text).toContain('1.50 (1.25–2.00)');
    expect(text).toContain('not measured: there is none');
    expect(text).toMatch(/Rendering\n[\s\S]*`pages_per_s` \| 12/);
  });

  it('draws up tables as Markdown does', () => {
    expect(
      markdownTable([
        ['a', 'b'],
        ['c', '1'],
      ]),
    ).toEqual(['| a | b |', '|---|--:|', '| c | 1 |']);
    expect(ratioTable({})).toEqual([]);
    const figures = { run_s: 2, run_cpu_s: 1, run_tiles: 7 };
    expect(subjectTable(figures, { _s: 's', _mb: 'MB' }, '_tiles').slice(2).join()).toBe(
      '| `selenoscan run --once` into PostGIS | 2 |  |',
    );
    expect([number(251_174.4), number(0.012345), number(NaN)]).toEqual(['251,174', '0.0123', '']);
  });
});

describe('detections of two ways', () => {
  it('are the same within a pixel, each once', () => {
    const a = [
      { line: 10, sample: 10 },
      { line: 20, sample: 20 },
    ];
    expect(samePlaces(a, a)).toBe(1);
    expect(samePlaces(a, [{ line: 10.5, sample: 10.5 }])).toBe(0.5);
    expect(samePlaces([...a, a[0]!], a)).toBeCloseTo(2 / 3, 12);
    expect(samePlaces([], [])).toBe(1);
  });
});

describe('scores of two implementations', () => {
  it('differ as a share of the range that tiles have', () => {
    const parts = {
      l2: Float32Array.of(1, 3),
      muNorm: Float32Array.of(2, 2),
      bright: Float32Array.of(0, NaN),
      lander: Int16Array.of(-1000, 1000),
    };
    const theirs = new Float32Array(16);
    theirs.set([1, 2, 0, 0, -1], 0);
    theirs.set([2.5, 2, 7, 0, 1], 8);
    expect(agreement('torch', parts, theirs, 2)).toEqual({
      torch_l2: 0.25,
      torch_mu_norm: 0,
      torch_bright: 0,
      torch_lander: 0,
    });
  });
});
