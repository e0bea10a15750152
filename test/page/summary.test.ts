import { describe, expect, it } from 'vitest';
import type { DetectionFeature } from '../../src/http/contract.js';
import { summaryText, totalOf } from '../../src/page/panel/summary.js';
import { ReviewQueue } from '../../src/page/review/queue.js';

/** Of a detection the line over the grid looks at two things alone. */
const detection = (id: number, known: string | null = null) =>
  ({ id, properties: { known_object: known } }) as DetectionFeature;

function queueOf(features: DetectionFeature[], next: string | null): ReviewQueue {
  const queue = new ReviewQueue();
  const about = { body: 'Moon', reference_system: 'IAU_2015:30100', radius_m: 1_737_400 } as const;
  queue.restart({ type: 'FeatureCollection', ...about, features, next });
  return queue;
}

const standing = { detections: 100, reviewed: 30, verdicts: { accept: 5, reject: 25 } };

describe('how many detections there are under the filters', () => {
  const begun = queueOf([detection(1), detection(2)], 'more');

  it.each([
    ['', '', 100],
    ['', 'Anna', 30],
    ['none', '', 70],
    ['any', '', 30],
    ['accept', '', 5],
    ['artefact', '', 2],
  ])('is told for the review %j by %j from what the server counts', (review, reviewer, total) => {
    expect(totalOf(begun, standing, { review, reviewer })).toBe(total);
  });

  it('is what was loaded where that is all, or nothing is known yet', () => {
    const all = queueOf([detection(1), detection(2), detection(3)], null);
    expect(totalOf(all, standing, { review: '', reviewer: '' })).toBe(3);
    expect(totalOf(begun, null, { review: '', reviewer: '' })).toBe(2);
  });
});

describe('the line over the grid', () => {
  it('tells the place of what is selected, how many there are and how many are known', () => {
    const queue = queueOf([detection(7), detection(9, 'Luna 17'), detection(8)], 'more');
    expect(summaryText(queue, 9, 1234, 3)).toBe('2 of 1,234 detections · 1 at known objects');
    expect(summaryText(queue, null, 1234, 3)).toBe('1,234 detections · 1 at known objects');
    expect(summaryText(queueOf([detection(7)], null), 1, 1, 3)).toBe('1 detection');
  });

  it('says why there is nothing', () => {
    const empty = queueOf([], null);
    expect(summaryText(empty, null, 0, 0)).toMatch(/^Nothing was scanned yet\./);
    expect(summaryText(empty, null, 0, 4)).toBe('No detection fits the filter.');
  });
});
