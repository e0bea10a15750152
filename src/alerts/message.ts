import { CREDIT } from '../domain/credit.js';
import type { AlertFacts, DigestFacts } from './facts.js';

/** Where people find more of a detection. */
export interface AlertLinks {
  /** The detection on the review page. */
  page(id: number): string;
  /** The tile as PNG; the link carries its own signature and needs no token. */
  chip(id: number): string;
}

/** A detection as it is told. */
export interface AlertItem {
  readonly facts: AlertFacts;
  /** e.g. `62 km NE of Tycho, 11.2105 W 43.2912 S, within 205 m`. */
  readonly where: string;
  /** e.g. `Score 7.21, rank 1 of its image`. */
  readonly what: string;
  readonly status: string | null;
  readonly links: { readonly page: string; readonly chip: string; readonly product: string };
}

/** One message to one receiver, before it takes the form of a channel. */
export interface AlertMessage {
  /** The same whenever the message is sent again. */
  readonly key: string;
  readonly kind: 'alert' | 'digest';
  readonly rule: string;
  readonly title: string;
  readonly items: readonly AlertItem[];
  /** Of a digest: those that it only counts. */
  readonly more: number;
  readonly period: { readonly since: string; readonly until: string } | null;
  readonly credit: string;
}

/** What the outbox keeps of a message. */
export type StoredAlert = { readonly key: string; readonly rule: string } & (
  | { readonly kind: 'alert'; readonly payload: AlertFacts }
  | { readonly kind: 'digest'; readonly payload: DigestFacts }
);

export function buildMessage(stored: StoredAlert, links: AlertLinks): AlertMessage {
  const { key, rule } = stored;
  const common = { key, rule, credit: `Images: ${CREDIT}` };
  if (stored.kind === 'alert') {
    const item = itemOf(stored.payload, links);
    const title = `${stored.payload.site_changed === true ? 'Change' : 'Detection'}, score ${stored.payload.score.toFixed(2)}: ${shortPlace(stored.payload)}`;
    return { ...common, kind: 'alert', title, items: [item], more: 0, period: null };
  }
  const { items, count, since, until } = stored.payload;
  return {
    ...common,
    kind: 'digest',
    title: `Digest of ${rule}: ${count} ${count === 1 ? 'detection' : 'detections'} until ${utc(until)}`,
    items: items.map((facts) => itemOf(facts, links)),
    more: count - items.length,
    period: { since, until },
  };
}

function itemOf(facts: AlertFacts, links: AlertLinks): AlertItem {
  return {
    facts,
    where: placeInWords(facts),
    what: `Score ${facts.score.toFixed(2)}, rank ${facts.rank_in_image} in its image`,
    status: statusInWords(facts),
    links: { page: links.page(facts.id), chip: links.chip(facts.id), product: facts.product_url },
  };
}

function shortPlace(facts: AlertFacts): string {
  return facts.nearest_feature ?? (facts.lon === null ? `image ${facts.image_id}` : coordinates(facts));
}

/** Nearest named feature, place in degrees and its uncertainty, as far as they are known. */
export function placeInWords(facts: AlertFacts): string {
  if (facts.lon === null || facts.lat === null)
    return `line ${facts.line.toFixed(0)}, sample ${facts.sample.toFixed(0)} of ${facts.product_id}, which has no geometry`;
  const within = facts.uncertainty_m === null ? [] : [`within ${Math.ceil(facts.uncertainty_m)} m (95 %)`];
  return [facts.nearest_feature, coordinates(facts), ...within].filter((part) => part !== null).join(', ');
}

function coordinates({ lon, lat }: AlertFacts): string {
  const of = (degrees: number | null, positive: string, negative: string): string =>
    `${Math.abs(degrees ?? 0).toFixed(5)}° ${(degrees ?? 0) < 0 ? negative : positive}`;
  return `${of(lat, 'N', 'S')} ${of(lon, 'E', 'W')}`;
}

function statusInWords({ site_status, site_changed, known_object }: AlertFacts): string | null {
  const parts = [
    ...(site_changed === true ? ['a change: an earlier look under like light shows nothing here'] : []),
    ...(site_status === null ? [] : [`site is ${site_status}`]),
    ...(known_object === null ? [] : [`may be ${known_object}`]),
  ];
  return parts.length === 0 ? null : parts.join('; ');
}

/** The lines on light, image and model that every message has. */
export function provenanceLines({ facts }: AlertItem): string[] {
  const light = facts.incidence_deg === null ? [] : [`incidence ${facts.incidence_deg.toFixed(1)}°`];
  const scale = facts.resolution_m === null ? [] : [`${facts.resolution_m.toFixed(2)} m/px`];
  const size =
    facts.width_m === null || facts.height_m === null
      ? []
      : [`about ${facts.width_m.toFixed(0)} x ${facts.height_m.toFixed(0)} m`];
  return [
    [`Image ${facts.product_id} of ${utc(facts.observed_at)}`, ...light, ...scale, ...size].join(', '),
    `Model ${facts.model_id}, Selenoscan ${facts.code_version}`,
  ];
}

/** A time as people read it, e.g. `2026-04-10 01:28 UTC`. */
export function utc(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
