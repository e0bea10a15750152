import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OverviewMaker } from '../../src/detection/overview.js';
import { greyOfStrip } from '../../src/domain/strip-grey.js';
import { BrightnessCounter } from '../../src/scoring/scan-profile.js';

describe('the grey levels of strips', () => {
  it('add up to those of the image, however it is cut and in whatever order they come', () => {
    const [width, height] = [70, 90];
    const image = Uint8Array.from({ length: width * height }, (_, i) => (i * 31) % 251);
    const whole = { firstLine: 0, lines: height, width, data: image };
    const [overview, brightness] = [new OverviewMaker(width, height), new BrightnessCounter()];
    overview.add(whole);
    brightness.add(whole);
    const cuts = fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 10 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(cuts, fc.boolean(), (sizes, isReversed) => {
        const [merged, counter] = [new OverviewMaker(width, height), new BrightnessCounter()];
        const strips = [];
        for (let [fromLine, i] = [0, 0]; fromLine < height; i++) {
          const [step, overlap] = sizes[i % sizes.length]!;
          const firstLine = Math.max(0, fromLine - overlap);
          const end = Math.min(height, fromLine + step);
          const data = image.subarray(firstLine * width, end * width);
          const strip = { firstLine, lines: end - firstLine, width, data };
          strips.push(greyOfStrip(strip, { fromLine, cell: merged.cell }));
          fromLine = end;
        }
        for (const grey of isReversed ? strips.reverse() : strips) {
          merged.merge(grey);
          counter.merge(grey.levels);
        }
        expect(merged.grey()).toEqual(overview.grey());
        expect(counter.histogram()).toEqual(brightness.histogram());
      }),
    );
    expect(brightness.histogram().counts.reduce((a, b) => a + b)).toBeGreaterThan(90);
  });
});
