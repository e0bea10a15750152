import type { PixelPoint } from '../domain/geometry.js';
import { connectedRegion, traceOutline } from './outline.js';

/** Part of an image; coordinates inside it are those of the image less (x, y). */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What an object looks like, in image pixels. */
export interface Body {
  /** Centre of its light, better than a pixel. */
  readonly peak: PixelPoint;
  readonly outline: PixelPoint[];
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The brightest pixel is sought this far from where the response peaks. */
const SEARCH_PX = 3;
/** Half side of the square that gives the local background. */
const BACKGROUND_PX = 16;
/** An object reaches at most this far from its peak: beyond it is terrain. */
const REACH_PX = 24;
/** Contrast under which noise alone would draw the outline, DN. */
const LEAST_CONTRAST_DN = 6;
/** Part of the peak's contrast, and of its residual, that still belongs to the body. */
const BODY_SHARE = 0.5;
const RESIDUAL_SHARE = 0.25;
/** Weight in the centre of enclosed pixels that are no brighter than the background. */
const LEAST_WEIGHT = 1e-6;

/**
 * Outlines the object at a place. A bright body is what is joined to its brightest pixel, above half of
 * its contrast over the local background (median of 33 x 33 px), and where the model saw it, not explained
 * by the model either: a sunlit slope that the reconstruction follows ends the body. Without contrast the
 * reconstruction error draws the outline.
 *
 * @param pixels DN of the window
 * @param residual x - xhat of the window's pixels, 0..1; NaN where the model did not look
 * @param near pixel of the window where the response peaks
 * @param exactNulls pixels of 0 hold no data, and are no background
 */
export function outlineBody(
  window: Window,
  pixels: Uint8Array,
  residual: Float32Array,
  near: { x: number; y: number },
  exactNulls = false,
): Body {
  const { width, height } = window;
  const top = strongest(window, near, SEARCH_PX, (i) => pixels[i]!);
  const background = localMedian(window, pixels, top, exactNulls ? 1 : 0);
  const contrast = pixels[top.y * width + top.x]! - background;
  const isBright = contrast >= LEAST_CONTRAST_DN;
  const peak = isBright ? top : strongest(window, near, SEARCH_PX, (i) => Math.abs(residual[i]!));
  const peakIndex = peak.y * width + peak.x;
  const peakResidual = isBright ? residual[peakIndex]! : Math.abs(residual[peakIndex]!);
  const weight = (i: number): number => (isBright ? pixels[i]! - background : Math.abs(residual[i]!));
  const belongs = (i: number): boolean => {
    if (i === peakIndex) return true;
    if (!isBright) return weight(i) >= BODY_SHARE * peakResidual && weight(i) > 0;
    if (weight(i) < BODY_SHARE * contrast) return false;
    return !(peakResidual > 0) || !(residual[i]! < RESIDUAL_SHARE * peakResidual);
  };
  const inside = new Uint8Array(width * height);
  forSquare(window, peak, REACH_PX, (i) => {
    inside[i] = belongs(i) ? 1 : 0;
  });
  const region = connectedRegion({ width, height, inside }, peak.x, peak.y);
  const outline = traceOutline(region).map(({ sample, line }) => ({
    sample: sample + window.x,
    line: line + window.y,
  }));
  const samples = outline.map((p) => p.sample);
  const lines = outline.map((p) => p.line);
  return {
    peak: centroid(window, region.inside, weight),
    outline,
    widthPx: Math.max(...samples) - Math.min(...samples),
    heightPx: Math.max(...lines) - Math.min(...lines),
  };
}

function centroid({ x, y, width }: Window, inside: Uint8Array, weight: (i: number) => number): PixelPoint {
  let [sum, sumX, sumY] = [0, 0, 0];
  inside.forEach((flag, i) => {
    if (flag === 0) return;
    const w = weight(i) > 0 ? weight(i) : LEAST_WEIGHT;
    sum += w;
    sumX += w * ((i % width) + 0.5);
    sumY += w * (Math.floor(i / width) + 0.5);
  });
  return { sample: x + sumX / sum, line: y + sumY / sum };
}

/** Pixel of the highest value near a place; the nearest, then the first in reading order, of equals. */
function strongest(
  window: Window,
  near: { x: number; y: number },
  reach: number,
  value: (i: number) => number,
): { x: number; y: number } {
  let best = { x: near.x, y: near.y };
  let [bestValue, bestDistance] = [-Infinity, Infinity];
  forSquare(window, near, reach, (i, x, y) => {
    const v = value(i);
    const distance = Math.hypot(x - near.x, y - near.y);
    if (v > bestValue || (v === bestValue && distance < bestDistance)) {
      best = { x, y };
      [bestValue, bestDistance] = [v, distance];
    }
  });
  return best;
}

/** @param least DN of a pixel that counts; without any the background is dark */
function localMedian(
  window: Window,
  pixels: Uint8Array,
  around: { x: number; y: number },
  least: number,
): number {
  const values: number[] = [];
  forSquare(window, around, BACKGROUND_PX, (i) => {
    if (pixels[i]! >= least) values.push(pixels[i]!);
  });
  values.sort((a, b) => a - b);
  return values[values.length >> 1] ?? 0;
}

function forSquare(
  { width, height }: Window,
  centre: { x: number; y: number },
  reach: number,
  visit: (i: number, x: number, y: number) => void,
): void {
  for (let y = Math.max(0, centre.y - reach); y <= Math.min(height - 1, centre.y + reach); y++) {
    for (let x = Math.max(0, centre.x - reach); x <= Math.min(width - 1, centre.x + reach); x++) {
      visit(y * width + x, x, y);
    }
  }
}
