import { afterEach, beforeEach, expect, it } from 'vitest';
import { createReviewDesk } from '../../src/cli/review-desk.js';
import { createRandom } from '../../src/domain/random.js';
import type { ReviewDesk } from '../../src/http/review-desk.js';
import type { Database } from '../../src/store/database.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { findDetections } from '../../src/store/queries/find-detections.js';
import { announce, claim, sampleDetection, sampleProduct, sampleResult, useModel } from '../store/samples.js';
import { describeWithDatabase } from '../support/database.js';

const IMAGES = 10;
const PER_IMAGE = 12;

describeWithDatabase('the review desk', (createDatabase) => {
  let db: Database;
  let desk: ReviewDesk;
  beforeEach(async () => {
    db = await createDatabase();
    await useModel(db);
    desk = createReviewDesk(db);
  });
  afterEach(() => desk.close());

  /** Images whose codes tell by their first number what is a find, or by nothing. @returns ids of the finds */
  async function scanImages(telling: boolean, images = IMAGES, from = 0): Promise<Set<number>> {
    const random = createRandom(7 + from);
    const finds = new Set<string>();
    for (let i = from; i < from + images; i++) {
      const product = sampleProduct(`M12717422${String(10 + i)}LC`);
      await announce(db, product);
      const lease = await claim(db);
      const detections = Array.from({ length: PER_IMAGE }, (_, k) => {
        const latent = Float32Array.from({ length: 8 }, () => random.normal());
        const find = random.uniform() < 0.3;
        if (find && telling) latent[0]! += 5;
        const sample = sampleDetection(product.imageId, k + 1);
        if (find) finds.add(sample.detectionId);
        return { ...sample, latent, score: 4 + 2 * random.uniform() };
      });
      await commitScan(db, lease, sampleResult(detections));
    }
    const rows = await db.query<{ id: number }>(
      'SELECT id FROM selenoscan_data.detection WHERE detection_id = ANY ($1::uuid[])',
      [[...finds]],
    );
    return new Set(rows.map(({ id }) => id));
  }

  const byScore = () => findDetections(db, { limit: 1000 });
  const byLearned = () => findDetections(db, { limit: 1000, order: 'learned' });

  async function review(finds: ReadonlySet<number>, count: number): Promise<void> {
    for (const { id } of (await byScore()).slice(0, count))
      await desk.write(id, { reviewer: 'Anna', verdict: finds.has(id) ? 'accept' : 'reject', note: null });
  }
  /** The desk's standing once it was so: the reviews that came meanwhile may have it learn again at once. */
  async function settled(state: string): Promise<Awaited<ReturnType<typeof desk.standing>>> {
    let standing = await desk.standing({});
    await expect
      .poll(async () => (standing = await desk.standing({})).learned.state, { timeout: 20_000 })
      .toBe(state);
    return standing;
  }

  it('learns in the background what people accept, puts it first, and changes no score', async () => {
    const finds = await scanImages(true);
    expect((await desk.standing({})).learned).toMatchObject({ state: 'waiting', ranked: 0 });
    const before = await byScore();
    await review(finds, 60);
    const { learned, efficiency } = await settled('applied');
    expect(learned.ranked).toBe(IMAGES * PER_IMAGE);
    expect(learned.ap_learned!).toBeGreaterThan(learned.ap_score! + 0.2);
    expect(learned.gain_low!).toBeGreaterThan(0);
    expect(learned.remark).toMatch(
      /^The learned order is better: average precision (?:0\.\d\d|1\.00) against/,
    );
    expect(efficiency.eomv).toBeGreaterThan(1);
    const ordered = await byLearned();
    const share = (rows: readonly { id: number; review: string | null }[]) =>
      rows
        .filter((row) => row.review === null)
        .slice(0, 10)
        .filter(({ id }) => finds.has(id)).length / 10;
    expect(share(ordered)).toBeGreaterThan(share(before.slice(60)) + 0.3);
    const after = await byScore();
    expect(after.map(({ id, score }) => [id, score])).toEqual(before.map(({ id, score }) => [id, score]));

    // What is scanned later is ranked as well, by what was learnt.
    const others = createReviewDesk(db);
    try {
      await scanImages(true, 1, 40);
      await expect
        .poll(async () => (await others.standing({})).learned.ranked, { timeout: 20_000 })
        .toBe((IMAGES + 1) * PER_IMAGE);
    } finally {
      await others.close();
    }
  });

  it('leaves the order as it is where the reviews teach nothing', async () => {
    const finds = await scanImages(false);
    await review(finds, 60);
    expect((await settled('not-better')).learned).toMatchObject({ ranked: 0 });
    expect((await byLearned()).map(({ id }) => id)).toEqual((await byScore()).map(({ id }) => id));
  });

  it('does without codes: what was scanned before they were kept is not ranked', async () => {
    const finds = await scanImages(true);
    await db.query('UPDATE selenoscan_data.detection SET latent = NULL');
    await review(finds, 30);
    const { learned } = await desk.standing({});
    expect(learned.state).toBe('waiting');
    await expect
      .poll(async () => (await desk.standing({})).learned.remark, { timeout: 10_000 })
      .toBe('No order was learnt yet: 20 more reviews are needed.');
  });
});
