import { describe, expect, it } from 'vitest';
import { capacityOf, type PacedScan } from '../../src/domain/capacity.js';

const PIXELS = 5064 * 52_224;

/** Scans that end after these seconds and take 100 s each. */
function scans(...ends: number[]): PacedScan[] {
  return ends.map((end) => ({
    finishedAt: new Date(end * 1000),
    seconds: 100,
    pixels: PIXELS,
    bytes: 37_000_000,
  }));
}

describe('what a deployment can do in a day', () => {
  it('is not known before it has done something', () => {
    expect(capacityOf([])).toBeNull();
  });

  it('counts the fetches between scans, but not the days without work', () => {
    const work = scans(1000, 1150, 1300);
    expect(capacityOf(work)?.imagesPerDay).toBeCloseTo((3 / 400) * 86_400, 6);
    expect(capacityOf([...work, ...scans(90_000, 90_150, 90_300)])?.imagesPerDay).toBeCloseTo(
      (3 / 400) * 86_400,
      6,
    );
  });

  it('doubles with two workers, in whatever order their scans come', () => {
    const two = [...scans(1000, 1100, 1200), ...scans(1000, 1100, 1200)];
    expect(capacityOf(two.reverse())?.imagesPerDay).toBeCloseTo((6 / 300) * 86_400, 6);
  });

  it('tells how large files are, by those whose size was kept', () => {
    const [first, second] = scans(1000, 1100) as [PacedScan, PacedScan];
    expect(capacityOf([first, { ...second, bytes: null }])?.bytesPerPixel).toBeCloseTo(
      37_000_000 / PIXELS,
      12,
    );
    expect(capacityOf([{ ...first, bytes: null }])?.bytesPerPixel).toBeNull();
  });
});
