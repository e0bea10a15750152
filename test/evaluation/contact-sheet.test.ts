import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { contactSheet } from '../../src/evaluation/contact-sheet.js';
import { greyPicture, residualPicture, RESIDUAL_FULL_SCALE } from '../../src/evaluation/tile-picture.js';
import { drawSvg } from '../../src/figures/draw-figure.js';

async function pixelsOf(png: Uint8Array): Promise<{ data: Buffer; width: number; channels: number }> {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, channels: info.channels };
}

describe('pictures of tiles', () => {
  it('draws 0 to 1 as black to white and cuts off what lies beyond', async () => {
    const png = await greyPicture(Float32Array.of(0, 1, 0.5, 7), 2);
    const data = await sharp(png).toColourspace('b-w').raw().toBuffer();
    expect(Array.from(data)).toEqual([0, 255, 128, 255]);
  });

  it('draws what is brighter than its reconstruction red, what is darker blue, and no data white', async () => {
    const residual = Float32Array.of(RESIDUAL_FULL_SCALE, -RESIDUAL_FULL_SCALE, 0, NaN);
    const { data } = await pixelsOf(await residualPicture(residual, 2));
    const [brighter, darker, right, none] = [0, 3, 6, 9].map((from) =>
      Array.from(data.subarray(from, from + 3)),
    );
    expect(brighter![0]).toBeGreaterThan(brighter![2]! + 100);
    expect(darker![2]).toBeGreaterThan(darker![0]! + 100);
    expect(right).toEqual([255, 255, 255]);
    expect(none).toEqual([255, 255, 255]);
  });
});

describe('a contact sheet', () => {
  it('shows each picture in its place, enlarged without blur, with frames and captions', async () => {
    const black = await greyPicture(new Float32Array(4), 2);
    const chequered = await greyPicture(Float32Array.of(0, 1, 1, 0), 2);
    const svg = contactSheet({
      title: 'A & B <title>',
      subtitle: ['what it is'],
      side: 40,
      rows: [
        {
          name: 'row',
          cells: [
            { png: black, lines: ['one'], framed: true },
            { png: chequered, lines: ['two'] },
          ],
        },
      ],
    });
    expect(svg).toContain('A &amp; B &lt;title&gt;');
    const { png, width, height } = drawSvg(svg);
    const { data, width: across, channels } = await pixelsOf(png);
    expect(across).toBe(width);
    expect(data.length).toBe(width * height * channels);
    const places = [...svg.matchAll(/<image x="([\d.]+)" y="([\d.]+)"/g)].map(([, x, y]) => [
      Number(x),
      Number(y),
    ]);
    const shade = (at: number, dx: number, dy: number): number => {
      const [x, y] = places[at]!;
      return data[(Math.round(2 * (y! + dy)) * width + Math.round(2 * (x! + dx))) * channels]!;
    };
    expect([shade(0, 5, 5), shade(0, 35, 5)]).toEqual([0, 0]);
    expect([shade(1, 5, 5), shade(1, 35, 5), shade(1, 5, 35), shade(1, 19, 5), shade(1, 21, 5)]).toEqual([
      0, 255, 255, 0, 255,
    ]);
  });
});
