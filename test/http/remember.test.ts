import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { remember, rememberByCost } from '../../src/http/remember.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A source that takes its time, and counts how often it was asked. */
function source(tookMs: number): { asked: number; read: () => Promise<number> } {
  const counted = {
    asked: 0,
    read: async () => {
      const count = ++counted.asked;
      await new Promise((resolve) => setTimeout(resolve, tookMs));
      return count;
    },
  };
  return counted;
}

describe('an answer that is remembered', () => {
  it('is read once by all who ask while it is read and as long as it is kept', async () => {
    const counted = source(100);
    const ask = remember(1000, counted.read);
    const both = Promise.all([ask(), ask()]);
    await vi.advanceTimersByTimeAsync(100);
    expect(await both).toEqual([1, 1]);
    await vi.advanceTimersByTimeAsync(999);
    expect(await ask()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    void ask();
    expect(counted.asked).toBe(2);
  });

  it('is asked again soon where it is had quickly, and kept longer where it is not', async () => {
    for (const [tookMs, keptMs] of [
      [2, 40],
      [100, 2000],
      [4000, 15_000],
    ] as const) {
      const counted = source(tookMs);
      const ask = rememberByCost(15_000, counted.read);
      void ask();
      await vi.advanceTimersByTimeAsync(tookMs + keptMs - 1);
      void ask();
      expect(counted.asked).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
      void ask();
      expect(counted.asked).toBe(2);
    }
  });

  it('is not kept where reading it failed', async () => {
    let asked = 0;
    const ask = rememberByCost(15_000, () => {
      asked++;
      return Promise.reject(new Error('away'));
    });
    await expect(ask()).rejects.toThrow('away');
    await expect(ask()).rejects.toThrow('away');
    expect(asked).toBe(2);
  });
});
