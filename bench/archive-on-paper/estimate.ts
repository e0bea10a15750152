import { configSchema } from '../../src/config/schema.js';
import { WHOLE_FRAME } from '../../src/domain/whole-frame.js';
import { planGrid } from '../../src/tiling/grid.js';

/** NAC images of one data set, released by 2026, rounded up from the 2.9 million rows of its index. */
const IMAGES = 3e6;
/** Bytes of a pyramidal TIFF of full height, as one that was seen. */
const BYTES_PER_IMAGE = 37_480_731;
/** Label and image. */
const REQUESTS_PER_IMAGE = 2;
const LINE_BYTES_PER_S = 10e6;
const DAY_S = 86_400;

export interface Measured {
  /** The whole way of an image on all cores of the measured machine; null where it was not measured. */
  readonly tilesPerS: number | null;
  readonly cores: number;
  readonly cascadeTilesPerS: number | null;
  readonly gpuTilesPerS: number | null;
}

/** Figures of the whole archive; those that nothing measured stands behind are absent. */
export function wholeArchive({
  tilesPerS,
  cores,
  cascadeTilesPerS,
  gpuTilesPerS,
}: Measured): Record<string, number> {
  const { tiling, archive } = configSchema.parse({});
  const grid = planGrid(WHOLE_FRAME, {
    size: tiling.size,
    strideX: tiling.stride_x,
    strideY: tiling.stride_y,
  });
  const tilesPerImage = grid.xs.length * grid.ys.length;
  const tiles = IMAGES * tilesPerImage;
  const days = (rate: number | null): number | null => (rate === null ? null : tiles / rate / DAY_S);
  const machineDays = days(tilesPerS);
  const known = {
    machine_days: machineDays,
    core_days: machineDays === null ? null : machineDays * cores,
    images_per_day: machineDays === null ? null : IMAGES / machineDays,
    cascade_scoring_machine_days: days(cascadeTilesPerS),
    gpu_days: days(gpuTilesPerS),
  };
  return {
    images: IMAGES,
    tiles_per_image: tilesPerImage,
    tiles,
    bytes: IMAGES * BYTES_PER_IMAGE,
    politeness_days: (IMAGES * REQUESTS_PER_IMAGE * archive.spacing_ms) / 1000 / DAY_S,
    line_days: (IMAGES * BYTES_PER_IMAGE) / LINE_BYTES_PER_S / DAY_S,
    ...(Object.fromEntries(Object.entries(known).filter(([, value]) => value !== null)) as Record<
      string,
      number
    >),
  };
}

/** What takes longest, in one sentence; null where scoring was not measured. */
export function bottleneck(estimate: Readonly<Record<string, number>>): string | null {
  const { machine_days: scoring, politeness_days: pauses = 0, line_days: line = 0 } = estimate;
  if (scoring === undefined) return null;
  // Pauses and transfers follow one another on the one connection.
  const fetching = pauses + line;
  const machines = Math.ceil(scoring / fetching);
  return scoring > fetching
    ? `scoring: ${scoring.toFixed(0)} days on one such machine, while fetching takes ${fetching.toFixed(0)}; ${machines} of them keep up with the line`
    : `fetching: ${fetching.toFixed(0)} days over one connection, while scoring takes ${scoring.toFixed(0)} on one such machine`;
}
