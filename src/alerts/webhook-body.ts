import type { AlertItem, AlertMessage } from './message.js';

/** The JSON object that a webhook gets; the same bytes whenever the message is sent again. */
export function webhookBody(message: AlertMessage): string {
  const { items, key, kind, rule, title, credit } = message;
  const [first] = items;
  const content =
    kind === 'alert' && first !== undefined
      ? { detection: detectionOf(first) }
      : { detections: items.map(detectionOf), more: message.more, period: message.period };
  return JSON.stringify({ version: 1, kind, id: key, rule, title, ...content, credit });
}

function detectionOf({ facts, where, links }: AlertItem): Record<string, unknown> {
  return {
    ...facts,
    observed_at: new Date(facts.observed_at).toISOString(),
    scanned_at: new Date(facts.scanned_at).toISOString(),
    place: where,
    links,
  };
}
