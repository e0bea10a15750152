import type { Estimate, Evaluation } from './evaluate-scores.js';

/** Three digits that count, and the interval where there is one: `0.49 [0.12, 0.83]`. */
export function estimateText({ value, low, high }: Estimate): string {
  const interval = low === undefined || high === undefined ? '' : ` [${short(low)}, ${short(high)}]`;
  return `${short(value)}${interval}`;
}

export function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

export function tilesText({ positive_tiles: positive, plain_tiles: plain }: Evaluation): string {
  return `${grouped(positive)} positive and ${grouped(plain)} plain tiles`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
