import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffS, isGivenUp } from '../../src/alerts/backoff.js';
import { lastDigest, nextDigest } from '../../src/alerts/digest.js';
import { readDuration, writeDuration } from '../../src/alerts/duration.js';
import type { AlertFacts } from '../../src/alerts/facts.js';
import { planAlerts, samePlace, type AlertPlace } from '../../src/alerts/plan.js';
import { readRule, type DigestSchedule, type RulePolicy } from '../../src/alerts/rule.js';
import { simulate } from '../../src/alerts/simulate.js';

const policyOf = (fields: object): RulePolicy =>
  readRule({ name: 'r', channel: 'notify', target: { channel: 'c' }, ...fields }, 'test').policy;

const place = (changes: Partial<AlertPlace> = {}): AlertPlace => ({
  site_id: null,
  image_id: 'M1L',
  lon: 0,
  lat: 0,
  uncertainty_m: 100,
  ...changes,
});
const NOW = new Date('2026-04-10T12:00:00Z');
const far = (i: number): AlertPlace => place({ lon: i });

describe('the plan of alerts', () => {
  it('never sends more at once than the rate allows, and loses none', () => {
    const ages = fc.array(fc.integer({ min: 0, max: 30 * 3600 }), { maxLength: 30 });
    const scores = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { maxLength: 30 });
    const limit = fc.integer({ min: 0, max: 20 });
    fc.assert(
      fc.property(ages, scores, limit, limit, (history, matched, hour, day) => {
        const before = history.map((s, i) => ({
          at: new Date(NOW.getTime() - s * 1000),
          atOnce: true,
          place: far(i),
        }));
        const policy = policyOf({ rate: { hour, day } });
        const alerts = matched.map((score, id) => ({ id, score, place: far(100 + id) }));
        const decisions = planAlerts(policy, before, alerts, NOW);
        const sent = alerts.filter(({ id }) => decisions.get(id) === 'send');
        const within = (s: number) => history.filter((age) => age < s).length + sent.length;
        expect(decisions.size).toBe(alerts.length);
        if (sent.length > 0) expect(within(3600)).toBeLessThanOrEqual(hour);
        if (sent.length > 0) expect(within(86_400)).toBeLessThanOrEqual(day);
        const held = alerts.filter(({ id }) => decisions.get(id) === 'hold');
        for (const { score } of held)
          for (const each of sent) expect(each.score).toBeGreaterThanOrEqual(score);
      }),
    );
  });

  it('takes two detections for one place by their site, else by their uncertainty, else by their image', () => {
    const degree = 30_323;
    expect(samePlace(place({ site_id: 1 }), place({ site_id: 1, lon: 90 }))).toBe(true);
    expect(samePlace(place({ site_id: 1 }), place({ site_id: 2 }))).toBe(false);
    expect(samePlace(place({ site_id: 1 }), place({ lon: 140 / degree }))).toBe(true);
    expect(samePlace(place(), place({ lon: 143 / degree }))).toBe(false);
    expect(samePlace(place({ lon: 180 }), place({ lon: -180 }))).toBe(true);
    expect(samePlace(place({ lat: 90, lon: 12 }), place({ lat: 90, lon: -100 }))).toBe(true);
    expect(samePlace(place({ lon: null, lat: null }), place({ image_id: 'M2L' }))).toBe(false);
  });

  it('suppresses a place within the cool-down, also where it only waits for a digest', () => {
    const policy = policyOf({ cooldown: '2h', send: 'digest' });
    const at = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);
    const matched = [{ id: 1, score: 5, place: place() }];
    const one = (hours: number) => [{ at: at(hours), atOnce: false, place: place() }];
    expect(planAlerts(policy, one(1.9), matched, NOW).get(1)).toBe('suppress');
    expect(planAlerts(policy, one(2.1), matched, NOW).get(1)).toBe('hold');
  });
});

describe('digests', () => {
  it('go at their hour, the next one after any moment and the last one before it', () => {
    const daily: DigestSchedule = { every: 'day', hour: 6, weekday: 'monday', top: 20 };
    const weekly: DigestSchedule = { ...daily, every: 'week', weekday: 'friday' };
    const iso = (date: Date) => date.toISOString();
    expect(iso(nextDigest(daily, NOW))).toBe('2026-04-11T06:00:00.000Z');
    expect(iso(nextDigest(daily, new Date('2026-04-10T06:00:00Z')))).toBe('2026-04-11T06:00:00.000Z');
    expect(iso(nextDigest(daily, new Date('2026-04-10T05:59:59Z')))).toBe('2026-04-10T06:00:00.000Z');
    expect(iso(lastDigest(daily, new Date('2026-04-10T06:00:00Z')))).toBe('2026-04-10T06:00:00.000Z');
    // 10 April 2026 is a Friday.
    expect(iso(nextDigest(weekly, NOW))).toBe('2026-04-17T06:00:00.000Z');
    expect(iso(lastDigest(weekly, NOW))).toBe('2026-04-10T06:00:00.000Z');
  });

  it('tell in a simulation what the plan held, in order of time', () => {
    const facts = (id: number, score: number) =>
      ({ ...place({ lon: id }), id, score }) as unknown as AlertFacts;
    const at = (text: string) => new Date(`2026-04-${text}:00Z`);
    const result = simulate(
      policyOf({ rate: { hour: 1 }, digest: { top: 1 }, cooldown: '1w' }),
      [
        { at: at('10T05:00'), facts: facts(1, 5) },
        { at: at('10T05:00'), facts: facts(2, 7) },
        { at: at('10T05:30'), facts: facts(3, 6) },
        { at: at('10T05:40'), facts: facts(2, 9) },
        { at: at('11T12:00'), facts: facts(4, 8) },
        { at: at('11T12:00'), facts: facts(5, 1) },
      ],
      at('11T13:00'),
    );
    expect(result.messages.map(({ kind, items, count }) => [kind, items.map(({ id }) => id), count])).toEqual(
      [
        ['alert', [2], 1],
        ['digest', [3], 2],
        ['alert', [4], 1],
      ],
    );
    expect(result).toMatchObject({ matched: 6, suppressed: 1, held: 1 });
  });
});

describe('trying again', () => {
  it('waits twice as long each time up to a limit, half of it by chance, and as long as the receiver asks', () => {
    const policy = { retryS: 30, retryMaxS: 3600, attempts: 5, expireH: 2 };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (n, chance) => {
          const full = Math.min(3600, 30 * 2 ** (n - 1));
          const wait = backoffS(policy, n, undefined, () => chance);
          expect(wait).toBeGreaterThanOrEqual(full / 2);
          expect(wait).toBeLessThanOrEqual(full);
          expect(backoffS(policy, n, 5000, () => chance)).toBe(5000);
        },
      ),
    );
    expect(backoffS(policy, 1, 1e9, () => 0)).toBe(86_400);
    expect([isGivenUp(policy, 4, 0), isGivenUp(policy, 5, 0), isGivenUp(policy, 1, 7200)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('reads times and writes them', () => {
    for (const [text, seconds] of [
      ['30min', 1800],
      ['1.5h', 5400],
      ['7d', 604_800],
      ['2w', 1_209_600],
    ] as const)
      // prettier-ignore
      expect(readDuration(text)).toBe(seconds);
    for (const text of ['', '7', 'd', '-1h', '1m', '1e3h', '7 days']) expect(readDuration(text)).toBeNull();
    expect([604_800, 90_000, 5400, 90].map(writeDuration)).toEqual(['1w', '25h', '90min', '1.5min']);
  });
});
