/** The longest wait that is believed, seconds: beyond it a header is more likely wrong than meant. */
export const RETRY_AFTER_CAP_S = 3600;

/** Reads Retry-After, in seconds or as an HTTP date; undefined when absent or unreadable. */
export function retryAfterSeconds(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now.getTime()) / 1000;
  if (!Number.isFinite(seconds)) return undefined;
  return Math.min(Math.max(0, Math.ceil(seconds)), RETRY_AFTER_CAP_S);
}
