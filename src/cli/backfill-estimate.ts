import type { Config } from '../config/schema.js';
import type { BackfillPlan } from '../pipeline/backfill.js';
import { capacityOf, type Capacity } from '../domain/capacity.js';
import { WHOLE_FRAME_PIXELS } from '../domain/whole-frame.js';
import type { Database } from '../store/database.js';
import { recentScans } from '../store/queries/recent-scans.js';
import { bytesText, durationText } from './quantities.js';

/** Of the archive's TIFFs: 30 to 40 MB at 5064 x 52224 (lroc-archive, section 0). */
const PTIF_BYTES_PER_PIXEL = 0.14;
/** Of its .IMG files: 16-bit CDR, 8-bit EDR. */
const IMG_BYTES_PER_PIXEL = { cdr: 2, edr: 1 };
/** Label and image. */
const REQUESTS_PER_IMAGE = 2;

/** What queueing a backfill would mean. */
export interface BackfillEstimate {
  readonly images: number;
  readonly bytes: number;
  /** Until they are scanned, at the present rate; null where nothing was scanned lately. */
  readonly scanHours: number | null;
  /** That the pauses between requests alone take. */
  readonly spacingHours: number;
  readonly capacity: Capacity | null;
}

export async function estimateBackfill(
  db: Database,
  modelId: string,
  { images, pixels }: BackfillPlan,
  { archive }: Config,
): Promise<BackfillEstimate> {
  const capacity = capacityOf(await recentScans(db, modelId));
  const nominal = archive.image === 'img' ? IMG_BYTES_PER_PIXEL[archive.dataset] : PTIF_BYTES_PER_PIXEL;
  // Images whose size the archive does not tell count as whole strips.
  const total = pixels > 0 ? pixels : images * WHOLE_FRAME_PIXELS;
  return {
    images,
    bytes: Math.round(total * (capacity?.bytesPerPixel ?? nominal)),
    scanHours: capacity === null ? null : total / capacity.pixelsPerSecond / 3600,
    spacingHours: (images * REQUESTS_PER_IMAGE * archive.spacing_ms) / 3_600_000,
    capacity,
  };
}

export function estimateLines(plan: BackfillPlan, estimate: BackfillEstimate): string[] {
  const { releases, selected, known, skipped } = plan;
  const records = releases.reduce((sum, release) => sum + release.records, 0);
  const names = releases.map(({ name }) => name);
  const shown = names.length > 4 ? `${names[0]} to ${names.at(-1)} (${names.length})` : names.join(', ');
  const reasons = Object.entries(skipped).map(([code, count]) => `${count} ${code}`);
  const { images, bytes, scanHours, spacingHours, capacity } = estimate;
  const rate =
    scanHours === null || capacity === null
      ? 'the time to scan them is not known before this deployment has scanned some'
      : `about ${durationText(scanHours * 3600)} to scan at the present rate (${Math.round(capacity.imagesPerDay)} images a day)`;
  return [
    `read          ${shown || 'nothing: the archive has no such volume'}, ${records} records`,
    `selected      ${selected} images; ${known} known already${reasons.length > 0 ? `; outside this deployment's limits: ${reasons.join(', ')}` : ''}`,
    `to queue      ${images} images: about ${bytesText(bytes)} to fetch (${durationText(spacingHours * 3600)} of pauses between requests), ${rate}`,
  ];
}
