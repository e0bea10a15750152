import { beforeEach, expect, it } from 'vitest';
import { parseLabels } from '../../src/evaluation/labels.js';
import type { Database } from '../../src/store/database.js';
import { activateModel } from '../../src/store/queries/activate-model.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { findDetection, findDetections } from '../../src/store/queries/find-detections.js';
import { replaceLearned } from '../../src/store/queries/learned-order.js';
import { registerModel } from '../../src/store/queries/register-model.js';
import { countDetections, countVerdicts, tallyReviews } from '../../src/store/queries/review-progress.js';
import { writeReview } from '../../src/store/queries/write-review.js';
import { describeWithDatabase } from '../support/database.js';
import { MODEL, announce, claim, sampleDetection, sampleProduct, sampleResult, useModel } from './samples.js';

const OTHER = 'other@0123456789ab';
const IMAGE = 'M1271742200L';

describeWithDatabase('reviews', (createDatabase) => {
  let db: Database;
  beforeEach(async () => {
    db = await createDatabase();
    await useModel(db);
  });

  /** Scans an image with so many detections. @param shift pixels by which the peaks lie elsewhere */
  async function scan(
    o: { model?: string; count?: number; shift?: number; id?: string } = {},
  ): Promise<void> {
    const { model = MODEL, count = 3, shift = 0, id = `${IMAGE}C` } = o;
    await announce(db, sampleProduct(id));
    const lease = await claim(db);
    const detections = Array.from({ length: count }, (_, i) => {
      const sample = sampleDetection(id.slice(0, -1), i + 1, undefined, model);
      return { ...sample, peak: { ...sample.peak, line: sample.peak.line + shift } };
    });
    const result = sampleResult(detections);
    await commitScan(db, lease, { ...result, provenance: { ...result.provenance, modelId: model } });
  }

  const listed = async () => findDetections(db, { limit: 100 });
  const verdicts = async () => (await listed()).map(({ review }) => review);
  const first = async () => (await listed())[0]!.id;
  const say = (id: number, reviewer: string, verdict: 'accept' | 'reject' | 'known' | null, note = '') =>
    writeReview(db, id, { reviewer, verdict, note: note === '' ? null : note });

  it('count by most people, of equally many the latest, and each person once', async () => {
    await scan();
    const id = await first();
    expect((await say(id, 'Anna', 'accept'))?.review).toBe('accept');
    expect((await say(id, 'Berta', 'reject'))?.review).toBe('reject');
    expect((await say(id, 'Carl', 'accept'))?.review).toBe('accept');
    expect((await say(id, 'Anna', 'reject', 'a boulder'))?.review).toBe('reject');
    const kept = await findDetection(db, id);
    expect(kept?.reviews.map(({ reviewer, verdict, note }) => [reviewer, verdict, note])).toEqual([
      ['Berta', 'reject', null],
      ['Carl', 'accept', null],
      ['Anna', 'reject', 'a boulder'],
    ]);
    expect(kept?.reviewer).toBe('Anna');
    expect(await verdicts()).toEqual(['reject', null, null]);
  });

  it('are taken back without a trace, and a note alone is no verdict', async () => {
    await scan();
    const id = await first();
    await say(id, 'Anna', 'accept');
    await writeReview(db, id, { reviewer: 'Anna', withdrawn: true });
    expect(await findDetection(db, id)).toMatchObject({
      review: null,
      reviewer: null,
      reviewed_at: null,
      reviews: [],
    });
    await say(id, 'Anna', null, 'look again');
    expect(await findDetection(db, id)).toMatchObject({ review: null, reviews: [{ note: 'look again' }] });
    expect(await say(987_654, 'Anna', 'accept')).toBeNull();
  });

  it('follow a place to what another model finds there, and back, but not to its neighbours', async () => {
    await scan();
    const id = await first();
    await say(id, 'Anna', 'accept');
    await registerModel(db, { id: OTHER, manifest: { name: 'other' }, calibration: {} });
    await activateModel(db, OTHER);
    await db.query('DELETE FROM selenoscan_data.scan WHERE finished_at IS NULL');
    await db.query(
      `INSERT INTO selenoscan_data.scan (product_pk, image_id, model_id, state, lane)
       SELECT product_pk, image_id, $1, 'queued', 'live' FROM selenoscan_data.scan WHERE model_id = $2`,
      [OTHER, MODEL],
    );
    const lease = await claim(db, { modelId: OTHER });
    // Six pixels off is one place; the neighbours lie 32 pixels apart.
    const found = [1, 2, 3].map((rank) => {
      const sample = sampleDetection(IMAGE, rank, undefined, OTHER);
      return { ...sample, peak: { line: sample.peak.line + 6, sample: sample.peak.sample } };
    });
    const result = sampleResult(found);
    await commitScan(db, lease, { ...result, provenance: { ...result.provenance, modelId: OTHER } });
    expect(await verdicts()).toEqual(['accept', null, null]);
    // Another person's word on the new model's detection counts on the old one's as well.
    const [mine] = await listed();
    await say(mine!.id, 'Anna', 'reject');
    expect(await verdicts()).toEqual(['reject', null, null]);
    await activateModel(db, MODEL);
    expect(await verdicts()).toEqual(['accept', null, null]);
    await writeReview(db, id, { reviewer: 'Anna', withdrawn: true });
    expect(await verdicts()).toEqual(['reject', null, null]);
    expect(await db.query('SELECT verdict FROM selenoscan.reviews')).toEqual([{ verdict: 'reject' }]);
  });

  it('are labels as CSV: what is there, without what is not', async () => {
    await scan();
    const [a, b, c] = (await listed()).map(({ id }) => id);
    await say(a!, 'Anna', 'accept', 'lander, with a shadow');
    await say(b!, 'Anna', 'reject');
    await say(c!, 'Anna', 'known');
    const rows = await db.query<{ product_id: string; x: number; y: number; class: string; verdict: string }>(
      'SELECT product_id, x, y, class, verdict FROM selenoscan.reviews ORDER BY id',
    );
    const csv = ['product_id,x,y,class,verdict', ...rows.map((row) => Object.values(row).join(','))].join(
      '\n',
    );
    expect(parseLabels(csv, 'reviews.csv')).toMatchObject([
      { productId: `${IMAGE}C`, x: 126.5, y: 351.5, className: 'object' },
      { productId: `${IMAGE}C`, x: 190.5, y: 351.5, className: 'known' },
    ]);
  });

  it('filter lists and counts alike', async () => {
    await scan({ count: 5 });
    const ids = (await listed()).map(({ id }) => id);
    await say(ids[0]!, 'Anna', 'accept');
    await say(ids[1]!, 'Berta', 'reject');
    await say(ids[3]!, 'Anna', 'known');
    const found = async (question: Partial<Parameters<typeof findDetections>[1]>) =>
      (await findDetections(db, { limit: 100, ...question })).map(({ id }) => ids.indexOf(id));
    expect(await found({ review: 'any' })).toEqual([0, 1, 3]);
    expect(await found({ review: 'none' })).toEqual([2, 4]);
    expect(await found({ review: 'known' })).toEqual([3]);
    expect(await found({ reviewer: 'Anna' })).toEqual([0, 3]);
    expect(await found({ siteStatus: 'none', maxScore: 5.75 })).toEqual([2, 3, 4]);
    expect(await found({ minIncidence: 31 })).toEqual([]);
    expect(await found({ maxIncidence: 31, minScore: 5.85 })).toEqual([0]);
    expect(await countDetections(db, { maxScore: 5.75, review: 'known' })).toBe(3);
    expect(await countVerdicts(db, { maxScore: 5.75 })).toEqual({ known: 1 });
    // Two finds, the last one in the third look; four score as high as the lowest of them.
    expect(await tallyReviews(db)).toEqual({ reviewed: 3, finds: 2, looks: 3, depth: 4 });
  });

  it('give the learned order page by page, what has no value behind, by score', async () => {
    await scan({ count: 7 });
    const ids = (await listed()).map(({ id }) => id);
    await replaceLearned(db, { ids: [ids[4]!, ids[1]!, ids[6]!, 999_999], values: [2, 1, 1, 5] });
    const wanted = [4, 1, 6, 0, 2, 3, 5].map((place) => ids[place]!);
    for (const limit of [1, 2, 3, 100]) {
      const seen: number[] = [];
      for (let after; seen.length < ids.length;) {
        const page = await findDetections(db, { order: 'learned', limit, after });
        seen.push(...page.map(({ id }) => id));
        after = page.at(-1)!;
      }
      expect(seen).toEqual(wanted);
    }
    expect((await listed()).map(({ id }) => id)).toEqual(ids);
    await replaceLearned(db, { ids: [], values: [] });
    expect((await findDetections(db, { order: 'learned', limit: 9 })).map(({ id }) => id)).toEqual(ids);
  });
});
