import type { Config } from '../config/schema.js';
import { OperationalError } from '../domain/errors.js';
import type { ScanMode } from '../domain/scan.js';
import { DEFAULT_MASKS, type MaskOptions } from '../tiling/mask-options.js';

/** What decides how an image is scanned, taken from the configuration. */
export interface ScanOptions {
  readonly size: number;
  readonly strideX: number;
  readonly strideY: number;
  readonly masks: MaskOptions;
  /** Rows of tiles per strip. */
  readonly stripRows: number;
  /** Robust standard deviations above the median. */
  readonly threshold: number;
  readonly budget: number;
  readonly mergeRadiusPx: number;
  /** Default `exact`. */
  readonly mode?: ScanMode;
  /** Tiles that the statistics of an image are taken from; default 4,000. */
  readonly sampleTiles?: number;
}

/**
 * @param mode as `chooseMode` has it
 * @throws OperationalError when the configured tile is not the model's
 */
export function scanOptions(config: Config, modelTileSize: number, mode: ScanMode = 'exact'): ScanOptions {
  if (config.tiling.size !== modelTileSize)
    throw new OperationalError(
      'tile_size',
      `tiling.size is ${config.tiling.size} but the model was trained on tiles of ${modelTileSize}; set tiling.size to ${modelTileSize} or choose another model.path.`,
    );
  return {
    size: config.tiling.size,
    strideX: config.tiling.stride_x,
    strideY: config.tiling.stride_y,
    masks: {
      ...DEFAULT_MASKS,
      maxInvalidShare: config.tiling.nodata_share,
      maxSaturatedShare: config.tiling.extreme_share,
      maxShadowShare: config.tiling.extreme_share,
      shadowDn: config.tiling.shadow_level,
    },
    stripRows: config.scoring.strip_rows,
    threshold: config.detection.threshold,
    budget: config.detection.budget,
    mergeRadiusPx: config.detection.merge_radius,
    mode,
  };
}
