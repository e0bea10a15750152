import { StratifiedDraw } from '../archive/choose/stratified-draw.js';
import {
  InvalidProductError,
  MissingProductError,
  OperationalError,
  TransientError,
} from '../domain/errors.js';
import type { Product } from '../domain/product.js';
import type { CutWindow } from './sample-image.js';
import type { SampleFolder } from './sample-folder.js';
import type { Outcome, SamplePlan } from './sample-record.js';

/** Passing trouble with so many images in a row is the archive's, not theirs. */
const MOST_TROUBLES = 3;

export interface DrawListener {
  /** After each candidate. @param images drawn so far */
  readonly outcome: (outcome: Outcome, images: number) => void;
}

/**
 * Draws the images of a plan into its folder, going on where an earlier draw ended. What fails is written down,
 * and the next candidate of its stratum takes its place. Whatever ends the draw, the manifest tells what is there.
 *
 * @param cut fetches a product and cuts its windows
 * @returns what became of each candidate, and whether all `images` are there
 * @throws OperationalError `archive_down` when image after image meets passing trouble
 */
export async function drawSample(
  plan: SamplePlan,
  images: number,
  folder: SampleFolder,
  cut: (product: Product) => Promise<CutWindow[]>,
  listener: DrawListener,
): Promise<{ readonly outcomes: readonly Outcome[]; readonly complete: boolean }> {
  const draw = new StratifiedDraw(plan.strata);
  const outcomes: Outcome[] = [];
  let troubles: Extract<Outcome, { outcome: 'failed' }>[] = [];
  let drawn = 0;
  const count = (outcome: Outcome): void => {
    outcomes.push(outcome);
    listener.outcome(outcome, drawn);
  };
  try {
    while (drawn < images) {
      const next = draw.next();
      if (next === null) break;
      const { product, stratum } = next;
      const outcome =
        (await folder.outcomeOf(product.productId)) ?? (await attempt(product, stratum, folder, cut));
      if (outcome instanceof Trouble) {
        troubles.push(outcome.failure);
        if (troubles.length === MOST_TROUBLES) throw archiveDown(outcome.cause, folder.dir);
        continue;
      }
      for (const trouble of troubles) count(await folder.fail(trouble));
      troubles = [];
      if (outcome.outcome === 'drawn') {
        drawn++;
        draw.took(product, stratum);
      }
      count(outcome);
    }
    // Not in the journal: the next run tries them again.
    for (const trouble of troubles) count(trouble);
  } finally {
    await folder.writeManifest(plan, outcomes, drawn === images);
  }
  return { outcomes, complete: drawn === images };
}

/** A failure that is written down only when it turns out to be the image's own. */
class Trouble {
  readonly failure: Extract<Outcome, { outcome: 'failed' }>;
  readonly cause: TransientError;

  constructor(failure: Trouble['failure'], cause: TransientError) {
    this.failure = failure;
    this.cause = cause;
  }
}

async function attempt(
  product: Product,
  stratum: string,
  folder: SampleFolder,
  cut: (product: Product) => Promise<CutWindow[]>,
): Promise<Outcome | Trouble> {
  const { productId } = product;
  let windows: CutWindow[];
  try {
    windows = await cut(product);
  } catch (error) {
    const ofImage = error instanceof InvalidProductError || error instanceof MissingProductError;
    if (!ofImage && !(error instanceof TransientError)) throw error;
    const { code, message } = error;
    const failure = { outcome: 'failed', product_id: productId, stratum, code, message } as const;
    return ofImage ? folder.fail(failure) : new Trouble(failure, error);
  }
  return folder.keep(productId, stratum, windows);
}

function archiveDown(cause: TransientError, dir: string): OperationalError {
  return new OperationalError(
    'archive_down',
    `${MOST_TROUBLES} images in a row could not be fetched (${cause.message}); what was drawn is kept in ${dir}, and the same command goes on from there.`,
    { cause },
  );
}
