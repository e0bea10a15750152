import type { DetectionPlace } from '../domain/results.js';

/**
 * An opaque string that stays good while detections come and go, as it holds the last one's place in the order.
 * Where that is the learned order it holds the learned value, too, null behind all that have one.
 */
export function writeCursor({ score, id, learned }: DetectionPlace): string {
  const place = learned === undefined ? [score, id] : [score, id, learned];
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** Null where the text is not a cursor. */
export function readCursor(text: string): DetectionPlace | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Array.isArray(value) || value.length < 2 || value.length > 3) return null;
    const [score, id, learned] = value as unknown[];
    if (!isFinite(score) || !Number.isSafeInteger(id) || (id as number) < 1) return null;
    const place = { score, id: id as number };
    if (value.length === 2) return place;
    return learned === null || isFinite(learned) ? { ...place, learned } : null;
  } catch {
    return null;
  }
}

/** JSON knows no infinity, but 1e999 is read as one. */
function isFinite(value: unknown): value is number {
  return Number.isFinite(value);
}
