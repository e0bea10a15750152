import { expect, it, vi } from 'vitest';
import type { ScanProfile } from '../../src/domain/scan-profile.js';
import type { ModelFolder } from '../../src/model/load-model-folder.js';
import { CalibrationKeeper } from '../../src/pipeline/calibration-keeper.js';
import { applyCalibration, currentCalibration, learnCalibration } from '../../src/pipeline/calibrations.js';
import { DriftWatch } from '../../src/pipeline/drift-watch.js';
import { calibrateScore } from '../../src/scoring/calibration.js';
import { fitCalibration } from '../../src/scoring/fit-calibration.js';
import { conditionOf, profileOf } from '../../src/scoring/scan-profile.js';
import type { Database } from '../../src/store/database.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { listDetections } from '../../src/store/queries/list-detections.js';
import { listModels } from '../../src/store/queries/list-models.js';
import { resultsRevision } from '../../src/store/queries/results-revision.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { createMetrics } from '../../src/telemetry/metrics.js';
import { seeded } from '../scoring/support.js';
import {
  MODEL,
  announce,
  claim,
  sampleDetection,
  sampleProduct,
  sampleResult,
  useModel,
} from '../store/samples.js';
import { describeWithDatabase } from '../support/database.js';

const POOLED = { mad: 0.1, logA: { median: 0, mad: 1 }, logBright: { median: 0, mad: 1 } };

interface Looks {
  /** Mean of the exponential raw scores. */
  readonly tail?: number;
  /** First grey level of the pixels' range of 80. */
  readonly dark?: number;
  readonly contrast?: number;
}

function profile(seed: number, { tail = 0.5, dark = 80, contrast = 0.1 }: Looks = {}): ScanProfile {
  const random = seeded(seed);
  const raw = Float32Array.from({ length: 1500 }, () => -tail * Math.log(1 - random()));
  const mad = raw.map(() => contrast * (0.5 + random()));
  const brightness = { first: dark / 8, counts: Array.from({ length: 10 }, () => 100 + 20 * random()) };
  return profileOf('b', raw, { mad }, brightness, 40 + (seed % 30))!;
}

const FOLDER = fitCalibration(
  Array.from({ length: 30 }, (_, i) => profile(i)),
  'b',
  { pooled: POOLED },
);
const model = { id: MODEL, calibration: FOLDER } as unknown as ModelFolder;

/** Scans images one after the other; each has three detections whose raw scores are 2, 3 and 4. */
async function scan(db: Database, profiles: readonly (ScanProfile | null)[], from = 0): Promise<void> {
  for (const [i, one] of profiles.entries()) {
    const product = sampleProduct(`M1${String(from + i).padStart(8, '0')}LC`, {
      incidenceDeg: one?.incidenceDeg ?? 50,
    });
    await announce(db, product);
    const detections = [4, 3, 2].map((scoreRaw, n) => ({
      ...sampleDetection(product.imageId, n + 1),
      scoreRaw,
      score: calibrateScore(FOLDER, scoreRaw, conditionOf(one)),
    }));
    const outcome = await commitScan(db, await claim(db), sampleResult(detections, { profile: one }));
    expect(outcome.outcome).toBe('committed');
  }
}

function fakeLog(): Logger & { readonly lines: [string, string][] } {
  const lines: [string, string][] = [];
  const write = (level: string) => (facts: { input?: string }, message: string) =>
    void lines.push([level, `${message} ${facts.input ?? ''}`.trim()]);
  return {
    lines,
    info: write('info'),
    warn: write('warn'),
    error: vi.fn(),
    debug: vi.fn(),
  } as unknown as Logger & {
    readonly lines: [string, string][];
  };
}

const scores = async (db: Database) =>
  (await listDetections(db, { limit: 1000 })).map(({ product_id, rank_in_image, score, score_raw }) => ({
    product_id,
    rank_in_image,
    score,
    score_raw,
  }));

describeWithDatabase('calibrations in the database', (createDatabase) => {
  it('are learnt from scans, numbered, and recompute scores without a scan', async () => {
    const db = await createDatabase();
    await useModel(db);
    const heavier = Array.from({ length: 24 }, (_, i) => profile(100 + i, { tail: 1 }));
    await scan(db, heavier);
    expect(await currentCalibration(db, model)).toEqual({ version: 0, calibration: FOLDER });
    const before = await scores(db);
    const states = 'SELECT id, state, attempts, finished_at FROM selenoscan_data.scan ORDER BY id';
    const scans = await db.query(states);

    const revision = await resultsRevision(db);
    const learnt = await learnCalibration(db, model);
    expect(learnt).toMatchObject({ version: 1, scans: 24, tiles: 24 * 1500 });
    expect(await applyCalibration(db, MODEL, learnt)).toEqual({ scans: 24, detections: 72 });
    expect(await applyCalibration(db, MODEL, learnt)).toEqual({ scans: 0, detections: 0 });

    expect(await resultsRevision(db)).not.toBe(revision);
    const after = await scores(db);
    expect(after).toHaveLength(before.length);
    for (const row of after) {
      const was = before.find((one) => one.product_id === row.product_id && one.score_raw === row.score_raw);
      const index = Number(row.product_id.slice(2, 10));
      expect(row.score).toBe(calibrateScore(learnt.calibration, row.score_raw, conditionOf(heavier[index]!)));
      expect(row.score).toBeLessThan(was!.score);
      expect(row.rank_in_image).toBe(5 - row.score_raw);
      // The scores of plain tiles have a mean of 1: exp(-raw) of them lie above.
      expect(Math.abs(row.score - row.score_raw / Math.LN10)).toBeLessThan(0.3);
    }
    expect(await db.query(states)).toEqual(scans);
    expect(await currentCalibration(db, model)).toMatchObject({
      version: 1,
      calibration: learnt.calibration,
    });
    expect(await learnCalibration(db, model)).toMatchObject({ version: 2 });
    expect(await listModels(db)).toMatchObject([
      {
        id: MODEL,
        active: true,
        scans: 24,
        calibration_version: 2,
        calibrated_on_scans: 24,
        current_detections: 72,
      },
    ]);
  }, 120_000);

  it('reach a running daemon, and the scan that was under way when they were learnt', async () => {
    const db = await createDatabase();
    await useModel(db);
    const keeper = new CalibrationKeeper(db, model, fakeLog());
    expect((await keeper.current()).version).toBe(0);
    await scan(
      db,
      Array.from({ length: 20 }, (_, i) => profile(200 + i, { tail: 0.8 })),
    );
    const learnt = await learnCalibration(db, model);
    const late = profile(250);
    await scan(db, [late], 20);
    await keeper.committed(0);
    expect((await keeper.current()).version).toBe(1);
    const versions = 'SELECT DISTINCT calibration_version FROM selenoscan_data.scan';
    expect(await db.query(versions)).toEqual([{ calibration_version: 1 }]);
    const row = (await scores(db)).find((one) => one.product_id === 'M100000020LC' && one.score_raw === 4);
    expect(row?.score).toBe(calibrateScore(learnt.calibration, 4, conditionOf(late)));
  }, 120_000);

  it('are not learnt from a handful of scans, and cover scans of which nothing else is kept', async () => {
    const db = await createDatabase();
    await useModel(db);
    await scan(db, [null, profile(1)]);
    await expect(learnCalibration(db, model)).rejects.toThrow(
      /^1 current scans .* needs 20; scan more images first/,
    );
    expect(await applyCalibration(db, MODEL, { version: 7, calibration: FOLDER })).toEqual({
      scans: 2,
      detections: 6,
    });
    const row = (await scores(db)).find((one) => one.product_id === 'M100000000LC' && one.score_raw === 3);
    expect(row?.score).toBe(calibrateScore(FOLDER, 3, { incidenceDeg: 50, contrast: null }));
  });
});

describeWithDatabase('the watch over input drift', (createDatabase) => {
  const policy = { scans: 8, threshold: 0.5 };

  it('stays quiet over images like those that were learnt from', async () => {
    const db = await createDatabase();
    await useModel(db);
    const [metrics, log] = [createMetrics(), fakeLog()];
    const watch = new DriftWatch(policy, metrics, log);
    await scan(
      db,
      Array.from({ length: 8 }, (_, i) => profile(300 + i)),
    );
    await watch.update(db, MODEL, FOLDER);
    expect(log.lines).toEqual([]);
    const text = await metrics.registry.metrics();
    for (const input of ['brightness', 'contrast', 'score'])
      expect(text).toContain(`selenoscan_input_drift_alarm{input="${input}"} 0`);
    expect(text).toMatch(/selenoscan_input_quantile\{input="contrast",quantile="0.5",of="scans"\} 0\.(1|09)/);
  });

  it.each([
    ['brightness', { dark: 24 }],
    ['contrast', { contrast: 0.25 }],
    ['score', { tail: 1.5 }],
  ] as const)(
    'tells once that the %s has shifted, and once that it is over',
    async (input, looks) => {
      const db = await createDatabase();
      await useModel(db);
      const [metrics, log] = [createMetrics(), fakeLog()];
      const watch = new DriftWatch(policy, metrics, log);
      const alarm = `selenoscan_input_drift_alarm{input="${input}"}`;
      await scan(
        db,
        Array.from({ length: 7 }, (_, i) => profile(400 + i, looks)),
      );
      await watch.update(db, MODEL, FOLDER);
      expect(log.lines).toEqual([]);
      for (const i of [7, 8, 9]) {
        await scan(db, [profile(400 + i, looks)], i);
        await watch.update(db, MODEL, FOLDER);
      }
      expect(log.lines).toEqual([['warn', `Drift:Alarm ${input}`]]);
      expect(await metrics.registry.metrics()).toContain(`${alarm} 1`);

      await scan(
        db,
        Array.from({ length: 8 }, (_, i) => profile(500 + i)),
        20,
      );
      await watch.update(db, MODEL, FOLDER);
      expect(log.lines.slice(1)).toEqual([['info', `Drift:Over ${input}`]]);
      expect(await metrics.registry.metrics()).toContain(`${alarm} 0`);
    },
    120_000,
  );
});
