import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { FINDS, type LearnedStanding, type Verdict } from '../domain/review.js';
import { lacking, type LearnedOrder, type ReviewedExamples } from '../evaluation/learn-order.js';
import { logOdds } from '../evaluation/logistic-regression.js';
import { featuresOf, layoutOf, widthOf, type FeatureLayout } from '../evaluation/review-features.js';
import type { Database } from '../store/database.js';
import { activeModel } from '../store/queries/active-model.js';
import { getSetting } from '../store/queries/get-setting.js';
import {
  addLearned,
  countLearned,
  latentsByScore,
  replaceLearned,
  reviewedLatents,
  type LatentDetection,
} from '../store/queries/learned-order.js';
import { putSetting } from '../store/queries/put-setting.js';
import { learnInThread } from './learn-in-thread.js';

/** Learnt anew after so many reviews. */
const EVERY = 10;
/** Reviews that are learnt from: the latest. */
const MOST_REVIEWS = 1000;
/** Detections that get a value: the highest scores. */
const MOST_RANKED = 100_000;
const BATCH = 2000;
/** How often those that were scanned meanwhile get their values. */
const NEWCOMERS_MS = 20_000;
const SETTING = 'review.learned';

const kept = z.object({
  model_id: z.string(),
  layout: z.object({ scores: z.array(z.string()), latent: z.number() }),
  intercept: z.number(),
  weights: z.array(z.number()),
  /** Lowest score that has a value. */
  floor: z.number(),
  better: z.boolean(),
  reviewed: z.number(),
  finds: z.number(),
  ap_score: z.number(),
  ap_learned: z.number(),
  gain_low: z.number().nullable(),
  gain_high: z.number().nullable(),
  eomv_score: z.number(),
  eomv_learned: z.number(),
  learned_at: z.string(),
});
type Kept = z.infer<typeof kept>;

/** Learns an order from the reviews, in the background, and gives detections their values where it is better. */
export class ReviewLearner {
  readonly #db: Database;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  #sinceLearnt = EVERY;
  #state: 'idle' | 'learning' | 'failed' = 'idle';
  #waitsFor: string | null = null;
  #nextNewcomers = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  /** To be called after each review. */
  reviewed(): void {
    this.#sinceLearnt += 1;
    if (this.#sinceLearnt >= EVERY) this.#start(() => this.#learn());
  }

  async standing(): Promise<LearnedStanding> {
    const [last, ranked] = await Promise.all([this.#last(), countLearned(this.#db)]);
    if (last?.better === true && performance.now() >= this.#nextNewcomers) {
      this.#nextNewcomers = performance.now() + NEWCOMERS_MS;
      this.#start(() => this.#rankNewcomers(last));
    }
    const state = this.#state !== 'idle' ? this.#state : stateOf(last);
    const { reviewed = 0, finds = 0, learned_at = null } = last ?? {};
    return {
      state,
      remark: remarkOf(state, last, this.#waitsFor),
      reviewed,
      finds,
      ap_score: last?.ap_score ?? null,
      ap_learned: last?.ap_learned ?? null,
      gain_low: last?.gain_low ?? null,
      gain_high: last?.gain_high ?? null,
      eomv_score: last?.eomv_score ?? null,
      eomv_learned: last?.eomv_learned ?? null,
      learned_at,
      ranked: state === 'applied' || state === 'learning' ? ranked : 0,
    };
  }

  /** Ends what runs; nothing more is learnt. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('The server is closing.'));
    await this.#running;
  }

  #start(work: () => Promise<void>): void {
    if (this.#running !== null || this.#stop.signal.aborted) return;
    this.#running = work()
      .then(
        () => (this.#state = 'idle'),
        () => (this.#state = 'failed'),
      )
      .then(() => {
        this.#running = null;
      });
  }

  /** What was learnt last, where it is of the active model. */
  async #last(): Promise<Kept | null> {
    const read = kept.safeParse(await getSetting(this.#db, SETTING));
    return read.success && read.data.model_id === (await activeModel(this.#db)) ? read.data : null;
  }

  async #learn(): Promise<void> {
    const modelId = await activeModel(this.#db);
    const reviews = await reviewedLatents(this.#db, MOST_REVIEWS);
    if (modelId === null) return;
    const { examples, layout } = examplesOf(reviews);
    this.#waitsFor = lacking(examples);
    if (this.#waitsFor !== null) return;
    this.#sinceLearnt = 0;
    this.#state = 'learning';
    const learnt = await learnInThread(examples, this.#stop.signal);
    const values = learnt.better ? await this.#values(learnt, layout) : { ids: [], values: [], floor: 1000 };
    await replaceLearned(this.#db, values);
    await putSetting(this.#db, SETTING, {
      ...keptOf(learnt, examples),
      model_id: modelId,
      layout,
      floor: values.floor,
    });
  }

  async #values({ model }: LearnedOrder, layout: FeatureLayout) {
    const [ids, values]: [number[], number[]] = [[], []];
    let after: LatentDetection | null = null;
    while (ids.length < MOST_RANKED) {
      this.#stop.signal.throwIfAborted();
      const batch: LatentDetection[] = await latentsByScore(this.#db, {
        after,
        floor: -1000,
        unranked: false,
        limit: BATCH,
      });
      for (const one of batch) {
        const features = featuresOf(one, layout);
        if (features === null) continue;
        ids.push(one.id);
        values.push(logOdds(model, features));
      }
      if (batch.length < BATCH) return { ids, values, floor: -1000 };
      after = batch.at(-1)!;
      // Others have their turn between the batches.
      await sleep(1);
    }
    return { ids, values, floor: after!.score };
  }

  async #rankNewcomers({ intercept, weights, layout, floor }: Kept): Promise<void> {
    const model = { intercept, weights: Float64Array.from(weights) };
    const found = await latentsByScore(this.#db, { after: null, floor, unranked: true, limit: BATCH });
    const ranked = found.flatMap((one) => {
      const features = featuresOf(one, layout);
      return features === null ? [] : [[one.id, logOdds(model, features)] as const];
    });
    await addLearned(this.#db, {
      ids: ranked.map(([id]) => id),
      values: ranked.map(([, value]) => value),
    });
  }
}

function examplesOf(reviews: readonly LatentDetection[]): {
  readonly examples: ReviewedExamples;
  readonly layout: FeatureLayout;
} {
  const layout = layoutOf(reviews);
  const rows = reviews.flatMap((one) => {
    const features = featuresOf(one, layout);
    return features === null ? [] : [{ one, features }];
  });
  const images = new Map<string, number>();
  for (const { one } of rows) if (!images.has(one.imageId)) images.set(one.imageId, images.size);
  const width = widthOf(layout);
  const features = new Float64Array(rows.length * width);
  rows.forEach((row, i) => features.set(row.features, i * width));
  return {
    layout,
    examples: {
      count: rows.length,
      width,
      features,
      positive: Uint8Array.from(rows, ({ one }) => (isFind(one.review) ? 1 : 0)),
      images: Int32Array.from(rows, ({ one }) => images.get(one.imageId)!),
      scores: Float64Array.from(rows, ({ one }) => one.score),
    },
  };
}

function isFind(review: string | null): boolean {
  return FINDS.includes(review as Verdict);
}

function keptOf({ model, ap, eomv, better }: LearnedOrder, examples: ReviewedExamples) {
  return {
    intercept: model.intercept,
    weights: [...model.weights],
    better,
    reviewed: examples.count,
    finds: examples.positive.reduce((sum, one) => sum + one, 0),
    ap_score: ap.score,
    ap_learned: ap.learned,
    gain_low: ap.gain.low ?? null,
    gain_high: ap.gain.high ?? null,
    eomv_score: eomv.score,
    eomv_learned: eomv.learned,
    learned_at: new Date().toISOString(),
  };
}

function stateOf(last: Kept | null): LearnedStanding['state'] {
  if (last === null) return 'waiting';
  return last.better ? 'applied' : 'not-better';
}

function remarkOf(state: LearnedStanding['state'], last: Kept | null, waitsFor: string | null): string {
  if (state === 'learning') return 'An order is being learnt from the reviews.';
  if (state === 'failed') return 'The last attempt to learn an order failed; the next reviews start another.';
  if (last === null)
    return waitsFor === null
      ? 'No order was learnt yet: it takes reviews, of which some are finds.'
      : `No order was learnt yet: ${waitsFor}.`;
  const figures = `average precision ${last.ap_learned.toFixed(2)} against ${last.ap_score.toFixed(2)} by score, cross-validated on ${last.reviewed} reviews`;
  return last.better
    ? `The learned order is better: ${figures}.`
    : `The learned order is not surely better and is not used: ${figures}.`;
}
