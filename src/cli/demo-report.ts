import { chordM } from '../geo/sphere.js';
import type { TruthEntry } from '../replica/truth.js';
import type { Database } from '../store/database.js';
import { listDetections, type DetectionRow } from '../store/queries/list-detections.js';
import { scannedTiles } from '../store/queries/scanned-tiles.js';
import { matchPlanted, type PlantedMatch } from './planted-match.js';

/** One scanned image of the demo, as `demo --json` tells it (design 4.1). */
export interface DemoImage {
  readonly product_id: string;
  readonly terrain: string;
  /** Tiles that were scored. */
  readonly tiles: number;
  readonly planted: readonly PlantedMatch[];
}

/** What a synthetic image held against what was found in it. */
export function demoImage(
  productId: string,
  tiles: number,
  truth: readonly TruthEntry[],
  detections: readonly DetectionRow[],
): DemoImage {
  const planted = truth.filter((entry) => entry.product_id === productId);
  const resolutionM = detections[0]?.resolution_m ?? 1;
  return {
    product_id: productId,
    terrain: planted[0]?.terrain ?? '',
    tiles,
    planted: planted.map((entry) => matchPlanted(entry, detections, resolutionM, chordM)),
  };
}

/** Detections shown of each image: as many as one looks at. */
const SHOWN = 12;

/** The image for people: what was found where, best first, and what of the planted hardware is among it. */
export function demoTable(image: DemoImage, detections: readonly DetectionRow[]): string[] {
  const shown = detections.slice(0, SHOWN);
  const width = Math.max(20, ...shown.map(({ nearest_feature: feature }) => feature?.length ?? 0));
  const lines = [
    '',
    `${image.product_id}, ${image.terrain} terrain: ${detections.length} detections among ${image.tiles} tiles`,
    tableLine('rank', 'score', 'place (lon, lat)', '95 %', 'nearest feature'.padEnd(width), 'known object'),
  ];
  for (const row of shown) lines.push(detectionLine(row, width));
  if (detections.length > SHOWN) lines.push(`      … and ${detections.length - SHOWN} of lower score`);
  lines.push(plantedLine(image));
  return lines;
}

/** @param width of the column of features, characters */
function detectionLine(row: DetectionRow, width: number): string {
  const place = row.lon === null || row.lat === null ? '-' : `${row.lon.toFixed(4)}, ${row.lat.toFixed(4)}`;
  const radius = row.uncertainty_m === null ? '' : `${row.uncertainty_m.toFixed(0)} m`;
  const known =
    row.known_object === null
      ? ''
      : `${row.known_object}, ${row.known_object_distance_m?.toFixed(0) ?? '?'} m away`;
  const rank = String(row.rank_in_image);
  const feature = (row.nearest_feature ?? '').padEnd(width);
  return tableLine(rank, row.score.toFixed(2), place, radius, feature, known);
}

function tableLine(
  rank: string,
  score: string,
  place: string,
  radius: string,
  feature: string,
  known: string,
): string {
  const left = `${rank.padStart(4)} ${score.padStart(6)}  ${place.padEnd(20)} ${radius.padStart(6)}`;
  return `${left}  ${feature}  ${known}`.trimEnd();
}

/** e.g. `planted: lander 5 of 5 (rank 1 2 3 5 8), rover 1 of 2 (rank 6), debris 0 of 1`. */
function plantedLine({ planted }: DemoImage): string {
  const kinds = [...new Set(planted.map(({ kind }) => kind))];
  const parts = kinds.map((kind) => {
    const all = planted.filter((entry) => entry.kind === kind);
    const ranks = all.flatMap(({ rank }) => (rank === null ? [] : [rank])).sort((a, b) => a - b);
    return `${kind} ${ranks.length} of ${all.length}${ranks.length === 0 ? '' : ` (rank ${ranks.join(' ')})`}`;
  });
  return `      planted: ${parts.join(', ')}`;
}

/** Prints each image's table when it is committed, one after the other. */
export class DemoReport {
  count = 0;
  readonly #db: Database;
  #truth: readonly TruthEntry[];
  readonly #say: (...text: string[]) => void;
  #work: Promise<DemoImage[]> = Promise.resolve([]);

  constructor(db: Database, truth: readonly TruthEntry[], say: (...text: string[]) => void) {
    this.#db = db;
    this.#truth = truth;
    this.#say = say;
  }

  learn(truth: readonly TruthEntry[]): void {
    this.#truth = truth;
  }

  add(productId: string): void {
    this.count += 1;
    this.#work = this.#work.then(async (images) => {
      const detections = await listDetections(this.#db, { limit: 1000, productId });
      const image = demoImage(productId, await scannedTiles(this.#db, productId), this.#truth, detections);
      this.#say(...demoTable(image, detections));
      return [...images, image];
    });
    this.#work.catch(() => undefined);
  }

  /** All images so far. @throws what went wrong with any of them */
  images(): Promise<readonly DemoImage[]> {
    return this.#work;
  }
}
