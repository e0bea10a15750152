import { expect, it } from 'vitest';
import { measureRates, resultOf } from '../../bench/gpu/measure.js';
import { wholeArchive } from '../../bench/archive-on-paper/estimate.js';
import { linesOf } from '../../bench/harness/result.js';

/** Answers with one rate after the other. */
function runner(name: string, rates: number[]) {
  const left = [...rates];
  return { name, run: () => Promise.resolve(left.shift()!) };
}

const ABOUT = {
  machine: {} as Parameters<typeof resultOf>[0]['machine'],
  date: '2026-01-01T00:00:00.000Z',
  command: 'npm run bench:gpu',
  rounds: 3,
};

it('on a GPU each engine is measured against the fastest of the others, round by round', async () => {
  const turns: string[] = [];
  const runners = [
    runner('tensorflow', [80, 70, 90]),
    runner('torch_bf16', [100, 100, 100]),
    runner('torch_fp32', [50, 60, 70]),
  ];
  const rates = await measureRates(runners, 3, 1, (text) => turns.push(text));
  expect(turns.slice(0, 4).map((text) => text.split(':')[0])).toEqual([
    'round 1 tensorflow',
    'round 1 torch_bf16',
    'round 1 torch_fp32',
    'round 2 tensorflow',
  ]);
  const scan = { tilesPerS: 75, busyShare: 0.9 };
  const result = resultOf(ABOUT, { rates, scan }, ['tensorflow'], ['torch_bf16', 'torch_fp32']);
  expect(result.figures).toEqual({
    scan_tiles_per_s: 75,
    tensorflow_tiles_per_s: 80,
    torch_bf16_tiles_per_s: 100,
    torch_fp32_tiles_per_s: 60,
    gpu_busy_share: 0.9,
  });
  expect(result.ratios).toEqual({ tensorflow_vs_torch_best: { median: 0.8, low: 0.7, high: 0.9 } });
  expect(result.notes['torch_best']).toBe('torch_bf16');
  expect(linesOf(result).join('\n')).toContain('tensorflow_vs_torch_best');
});

it('a scan on a GPU tells how many days the whole archive takes on one', () => {
  const measured = { tilesPerS: null, cores: 2, cascadeTilesPerS: null };
  expect(wholeArchive({ ...measured, gpuTilesPerS: null })).not.toHaveProperty('gpu_days');
  const { gpu_days: days = 0, tiles = 0 } = wholeArchive({ ...measured, gpuTilesPerS: 50_000 });
  expect(days * 86_400 * 50_000).toBeCloseTo(tiles, -6);
});
