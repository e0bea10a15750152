import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { ArchiveSource } from '../../src/archive/archive-source.js';
import { productLimits } from '../../src/cli/limits.js';
import { scanOptions } from '../../src/pipeline/scan-options.js';
import { scanProduct, type ProductScanTools } from '../../src/pipeline/scan-product.js';
import { Turns } from '../../src/pipeline/turns.js';
import type { SceneSpec } from '../../src/simulation/scene.js';
import { systemClock } from '../../src/telemetry/clock.js';
import { testFolder } from '../archive/support.js';
import { sampleProduct } from '../store/samples.js';
import { settings, SIZE, smallScenes, startQuickEngine } from './fault-matrix-support.js';

const never = new AbortController().signal;
const config = settings({});
const IMAGES = 3;
/** So many strips has an image. */
const STRIPS = 2;
const IDLE_MS = 100;

describe('scans of several products', () => {
  it('score the strips of the next image while one is concluded, and of none beyond', async () => {
    const folder = await testFolder();
    const { model, pool } = await startQuickEngine();
    let strips = 0;
    let end: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (end = resolve));
    const archive = {
      fetchImage: async ({ productId }: { productId: string }) => {
        const source = join(folder, `${productId}.tif`);
        await smallScenes.make({ ...SIZE, seed: Number(productId.slice(1, -2)) } as SceneSpec, source);
        return { source, url: productId, checksum: 'sha256:00', bytes: 1, isd: null };
      },
    } as unknown as ArchiveSource;
    const tools: ProductScanTools = {
      ...{ db: null as never, clock: systemClock, archive, downloadDir: folder },
      ...{ limits: productLimits(config), fallbackMs: null, calibrationVersion: 0 },
      ...{ codeVersion: 'test', configHash: 'test', model },
      pool: {
        ...pool,
        scoreStrip: (job) => {
          strips++;
          return pool.scoreStrip(job);
        },
        explain: async (batch) => {
          await held;
          return pool.explain(batch);
        },
      },
      options: {
        ...scanOptions(config, model.manifest.architecture.tileSize),
        stripRows: Math.ceil(SIZE.lines / config.tiling.size / STRIPS),
      },
      scoring: new Turns(1),
      concluding: new Turns(1),
    };
    const products = Array.from({ length: IMAGES }, (_, n) => sampleProduct(`M127174220${n}LC`, SIZE));
    const scans = products.map((product) => scanProduct(product, new Date(), tools, never));
    await vi.waitFor(() => expect(strips).toBe(2 * STRIPS), { timeout: 5000 });
    await sleep(IDLE_MS);
    expect(strips).toBe(2 * STRIPS);
    end();
    for (const { detections } of await Promise.all(scans)) expect(detections.length).toBeGreaterThan(0);
    expect(strips).toBe(IMAGES * STRIPS);
  });
});
