import { readRule } from '../../src/alerts/rule.js';
import type { Product } from '../../src/domain/product.js';
import type { SiteEvent, SiteStatus } from '../../src/domain/site.js';
import type { Database } from '../../src/store/database.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { prepareRuleArea, putAlertRule } from '../../src/store/queries/put-alert-rule.js';
import { announce, claim, sampleDetection, sampleProduct, sampleResult } from './samples.js';

/** Adds a rule as `alerts add` does. */
export async function addRule(db: Database, fields: Record<string, unknown>): Promise<number> {
  const rule = readRule({ channel: 'notify', target: { channel: 'alerts' }, ...fields }, 'test');
  const area = rule.area === null ? null : await prepareRuleArea(db, rule.area);
  return putAlertRule(db, rule, area);
}

/** Announces a product of a number of its own in the live lane. */
export async function announceLive(db: Database, number: number): Promise<Product> {
  const product = sampleProduct(`M${number}LC`);
  await announce(db, product);
  return product;
}

/** Announces and scans an image with detections at these places, or with `count` of them at one. */
export async function scanImage(
  db: Database,
  number: number,
  places: number | readonly ({ lon: number; lat: number } | null)[] = 1,
): Promise<void> {
  const product = await announceLive(db, number);
  await commitClaimed(db, product, places);
}

/** Claims the next scan, which is that of the product, and commits it. */
export async function commitClaimed(
  db: Database,
  product: Product,
  places: number | readonly ({ lon: number; lat: number } | null)[] = 1,
): Promise<void> {
  const at = typeof places === 'number' ? new Array<undefined>(places).fill(undefined) : places;
  const detections = at.map((place, i) => sampleDetection(product.imageId, i + 1, place));
  const outcome = await commitScan(db, await claim(db), sampleResult(detections));
  if (outcome.outcome !== 'committed') throw new Error(`The scan ended as ${outcome.outcome}.`);
}

/** A site made by hand, as the builder would tell of it. */
export async function makeSite(
  db: Database,
  status: SiteStatus,
  changed: boolean,
  joined: readonly number[],
): Promise<SiteEvent> {
  const stored = status === 'known' ? 'new' : status;
  const [row] = await db.query<{ id: number }>(
    `INSERT INTO selenoscan_data.site (status, lon, lat, uncertainty_m) VALUES ($1, 22.05, 19.5, 100) RETURNING id`,
    [stored],
  );
  return { siteId: row?.id ?? 0, status, previous: null, changed, joined };
}

export interface OutboxRow {
  readonly id: number;
  readonly rule_id: number;
  readonly kind: string;
  readonly state: string;
  readonly attempts: number;
  readonly idempotency_key: string;
  readonly payload: Record<string, unknown>;
  readonly error: string | null;
}

export function outbox(db: Database): Promise<OutboxRow[]> {
  return db.query<OutboxRow>('SELECT * FROM selenoscan_data.alert_delivery ORDER BY id');
}
