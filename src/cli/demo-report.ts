import { chordM } from '../geo/sphere.js';
import type { TruthEntry } from '../replica/truth.js';
import type { DetectionRow } from '../store/queries/list-detections.js';
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
  const lines = [
    '',
    `${image.product_id}, ${image.terrain} terrain: ${detections.length} detections among ${image.tiles} tiles`,
    'rank  score  place (lon, lat)          95 %   nearest feature       known object',
  ];
  for (const row of detections.slice(0, SHOWN)) lines.push(tableLine(row));
  if (detections.length > SHOWN) lines.push(`      … and ${detections.length - SHOWN} of lower score`);
  lines.push(foundLine(image));
  return lines;
}

function tableLine(row: DetectionRow): string {
  const place = row.lon === null || row.lat === null ? '-' : `${row.lon.toFixed(4)}, ${row.lat.toFixed(4)}`;
  const radius = row.uncertainty_m === null ? '' : `${row.uncertainty_m.toFixed(0)} m`;
  const known =
    row.known_object === null
      ? ''
      : `${row.known_object}, ${row.known_object_distance_m?.toFixed(0) ?? '?'} m away`;
  return [
    String(row.rank_in_image).padStart(4),
    row.score.toFixed(2).padStart(6),
    ` ${place.padEnd(22)}`,
    radius.padStart(6),
    ` ${(row.nearest_feature ?? '').padEnd(20)}`,
    ` ${known}`,
  ]
    .join(' ')
    .trimEnd();
}

/** e.g. `planted: 5 of 5 landers found (ranks 1, 2, 3, 5, 8), 1 of 2 rovers (rank 6)`. */
function foundLine({ planted }: DemoImage): string {
  const kinds = [...new Set(planted.map(({ kind }) => kind))];
  const parts = kinds.map((kind) => {
    const all = planted.filter((entry) => entry.kind === kind);
    const ranks = all.flatMap(({ rank }) => (rank === null ? [] : [rank])).sort((a, b) => a - b);
    const where = ranks.length === 0 ? '' : ` (${ranks.length === 1 ? 'rank' : 'ranks'} ${ranks.join(', ')})`;
    return `${ranks.length} of ${all.length} ${kind}${all.length === 1 || kind.endsWith('s') || kind === 'debris' ? '' : 's'} found${where}`;
  });
  return `      planted: ${parts.join('; ')}`;
}
