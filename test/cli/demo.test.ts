import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { runCli, sentenceOf } from '../support/cli.js';

/** What `auto` takes on a CPU. */
const CPU_ENGINE = /^(onnxruntime|openvino)$/;

interface DemoAnswer {
  readonly images: readonly {
    readonly product_id: string;
    readonly terrain: string;
    readonly tiles: number;
    readonly planted: readonly {
      readonly kind: string;
      readonly found: boolean;
      readonly rank: number | null;
      readonly distance_m: number | null;
      readonly uncertainty_m: number | null;
    }[];
  }[];
  readonly detections: number;
  readonly seconds: number;
  readonly engine: string;
  readonly device: string;
}

describe('selenoscan demo', () => {
  it('needs nothing but itself: archive, database, daemon and page, and says what of the planted was found', async () => {
    const args = [
      'demo',
      '--once',
      '--json',
      '--images',
      '2',
      '--lines',
      '1088',
      '--port',
      '0',
      '--seed',
      '3',
    ];
    const run = await runCli(args, {
      SELENOSCAN_TILING_STRIDE_X: '64',
      SELENOSCAN_SCORING_WORKERS: '0',
    });
    expect(run.code, run.stderr.slice(-2000)).toBe(0);
    const answer = JSON.parse(run.stdout) as DemoAnswer;
    expect(answer.images.map(({ terrain }) => terrain).sort()).toEqual(['rugged', 'smooth']);
    expect(answer).toMatchObject({ engine: expect.stringMatching(CPU_ENGINE) as string, device: 'cpu' });
    expect(answer.detections).toBeGreaterThan(0);

    const landers = answer.images.flatMap(({ planted }) => planted.filter(({ kind }) => kind === 'lander'));
    expect(landers.length).toBe(10);
    const found = landers.filter((lander) => lander.found);
    expect(found.length).toBeGreaterThanOrEqual(8);
    for (const { rank, distance_m, uncertainty_m } of found) {
      expect(rank).toBeGreaterThanOrEqual(1);
      expect(distance_m).toBeLessThanOrEqual(uncertainty_m ?? 0);
    }
  }, 180_000);

  it('refuses an image too small for what is planted in it in one sentence', async () => {
    const run = await runCli(['demo', '--once', '--lines', '100']);
    expect(run.code).toBe(2);
    expect(sentenceOf(run)).toContain('1088');
  });

  it('says by which name it takes another folder where it cannot write', async () => {
    const run = await runCli(['demo', '--once'], { TMPDIR: '/proc' });
    expect(run.code).toBe(1);
    expect(sentenceOf(run)).toMatch(/\/proc cannot be written; set TMPDIR /);
  });

  it('refuses a port that is taken before it makes anything, and says by which option to choose another', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const run = await runCli(['demo', '--once', '--port', String(port)]);
    server.close();
    expect(run.code).toBe(1);
    expect(sentenceOf(run)).toBe(
      `selenoscan: 127.0.0.1:${port} is in use by another process; choose another port by --port, 0 for any free one.`,
    );
  });
});
