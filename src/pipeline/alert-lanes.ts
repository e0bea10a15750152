import type { RuleRow } from '../store/queries/list-alert-rules.js';

/** A receiver: rules that send to the same place share its turn and its trouble. */
export interface Lane {
  readonly key: string;
  readonly rules: readonly RuleRow[];
}

/** Rules by where they send: an address on the web by its host, mail by all who get it. */
export function lanesOf(rules: readonly RuleRow[]): Lane[] {
  const lanes = new Map<string, RuleRow[]>();
  for (const rule of rules) {
    const {
      url,
      url_secret: secret,
      to,
    } = rule.target as { url?: string; url_secret?: string; to?: string[] };
    const receiver = url === undefined ? (secret ?? [...(to ?? [])].sort().join()) : hostOf(url);
    const key = `${rule.channel} ${receiver}`;
    lanes.set(key, [...(lanes.get(key) ?? []), rule]);
  }
  return [...lanes].map(([key, each]) => ({ key, rules: each }));
}

/** One that is no address, as where a rule was changed by hand, fails by itself when it is its turn. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
