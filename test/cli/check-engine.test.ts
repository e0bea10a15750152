import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';

const LINE =
  /^ok +engine +starter@\w+ on onnxruntime [\d.]+ \(cpu: .+\), 1 thread: (\d+) tiles\/s in fp32, (\d+) in mode cascade \(about (\d+) whole images of 5064 x 52224 a day\), reference scores and logits within /m;

describe('check --engine', () => {
  it('tells the pace in fp32 and in the mode of scans, and by both the images a day', async () => {
    const run = await runCli(['check', '--engine'], {
      SELENOSCAN_SCORING_ENGINE: 'onnx',
      SELENOSCAN_SCORING_WORKERS: '1',
    });
    expect(run.code, run.stderr).toBe(0);
    const [, exact = NaN, mode = NaN, perDay = NaN] = (LINE.exec(run.stdout) ?? []).map(Number);
    expect(mode, run.stdout).toBeGreaterThan(exact);
    // 251,174 tiles, 4,000 of them in fp32.
    const seconds = 4000 / exact + (251_174 - 4000) / mode;
    expect(Math.abs(perDay / (86_400 / seconds) - 1)).toBeLessThan(0.05);
  }, 120_000);
});
