import type { DetectionPlace } from '../domain/results.js';

/** An opaque string that stays good while detections come and go, as it holds the last one's place in the order. */
export function writeCursor({ score, id }: DetectionPlace): string {
  return Buffer.from(JSON.stringify([score, id])).toString('base64url');
}

/** Null where the text is not a cursor. */
export function readCursor(text: string): DetectionPlace | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Array.isArray(value) || value.length !== 2) return null;
    const [score, id] = value as unknown[];
    // JSON knows no infinity, but 1e999 is read as one.
    return Number.isFinite(score) && Number.isSafeInteger(id) && (id as number) >= 1
      ? { score: score as number, id: id as number }
      : null;
  } catch {
    return null;
  }
}
