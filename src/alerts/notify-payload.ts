import type { AlertItem, AlertMessage } from './message.js';

/** NOTIFY takes less than 8000 bytes. */
const MOST_BYTES = 7999;

/** What of a detection is told. */
const TOLD = [
  ...(['id', 'product_id', 'score', 'rank_in_image', 'lon', 'lat', 'uncertainty_m'] as const),
  ...(['site_id', 'site_status', 'site_changed', 'nearest_feature', 'known_object'] as const),
];

/** JSON for NOTIFY: what a listener needs to look further in the view `selenoscan.detections`. */
export function notifyPayload(message: AlertMessage): string {
  let items = message.items.map(short);
  for (;;) {
    const more = message.more + message.items.length - items.length;
    const { key, kind, rule } = message;
    const payload = JSON.stringify({ version: 1, kind, id: key, rule, detections: items, more });
    if (Buffer.byteLength(payload) <= MOST_BYTES || items.length === 0) return payload;
    items = items.slice(0, Math.min(items.length - 1, Math.ceil(items.length * 0.8)));
  }
}

function short({ facts, links }: AlertItem): Record<string, unknown> {
  return { ...Object.fromEntries(TOLD.map((name) => [name, facts[name]])), url: links.page };
}
