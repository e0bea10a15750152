import { z } from 'zod';
import { FAMILIES } from './vae.js';

const spread = z.object({ median: z.number(), mad: z.number() });
const tenths = z.array(z.number()).length(9).readonly();

/** `calibration.json`: what turns a raw score into a probability; its meaning is the scoring's. */
export const calibrationSchema = z.object({
  score: z.string(),
  images: z.int().positive(),
  tiles: z.int().positive(),
  axis: z.object({
    scale: z.enum(['linear', 'asinh']),
    from: z.number(),
    step: z.number().positive(),
    bins: z.int().positive(),
  }),
  knots: z.array(z.number()).min(1).readonly(),
  incidences: z.array(z.number()).readonly(),
  contrasts: z.array(z.number()).readonly(),
  cells: z
    .array(
      z.object({
        scores: z.array(z.number()).min(1).readonly(),
        tail: z.object({ shape: z.number(), scale: z.number() }),
      }),
    )
    .min(1)
    .readonly(),
  inputs: z
    .array(z.object({ brightness: tenths, contrast: tenths }))
    .min(1)
    .readonly(),
  pooled: z.object({
    mad: z.number(),
    logA: spread,
    logBright: spread,
    lander: spread.optional(),
    small: spread.optional(),
    tracks: spread.optional(),
  }),
});
export type CalibrationFile = z.infer<typeof calibrationSchema>;

/** `reference.json`: what a few tiles must score, to check an engine. */
export const referenceSchema = z.object({
  /** Largest allowed |score - reference| / max(1, |reference|), of logits alike. */
  tolerance: z.number().positive(),
  count: z.int().positive(),
  /** Base64 of count * C * 64 * 64 bytes, channel by channel, row by row. */
  tiles: z.base64(),
  /** Base64 of count * 64 * 64 flags, 1 = real data. */
  valid: z.base64(),
  l2: z.array(z.number()),
  muNorm: z.array(z.number()),
  bright: z.array(z.number()),
  /** What the learned scorer says of the tiles' first channel as it lies; absent where the model has none. */
  hardware: z
    .object({
      /** Where the direction away from the Sun lies for each tile, -1..1. */
      octants: z.array(z.number()).readonly(),
      /** Base64 of count * 2 * 16 * 16 float32, little-endian: `CellLogits.bodies`. */
      bodies: z.base64(),
      /** Base64 of count * 8 * 8: `CellLogits.tracks`. */
      tracks: z.base64(),
    })
    .optional(),
});
export type ReferenceFile = z.infer<typeof referenceSchema>;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const losses = z.object({ loss: z.number(), squaredError: z.number(), divergence: z.number() });

/** How a model was trained; null in a model that was not. */
const trainingSchema = z.object({
  command: z.string(),
  /** What the images are and whom to credit. */
  about: z.string(),
  engine: z.string(),
  loss: z.string(),
  seed: z.int(),
  beta: z.number(),
  batch: z.int(),
  learningRate: z.number(),
  stride: z.int(),
  /** Cap on the tiles of one image; absent where there was none. */
  tilesPerImage: z.int().optional(),
  augment: z.string(),
  images: z.object({ training: z.array(z.string()), validation: z.array(z.string()) }),
  tiles: z.object({ training: z.int(), validation: z.int() }),
  seconds: z.number(),
  bestEpoch: z.int(),
  epochs: z.array(
    z.object({ epoch: z.int(), training: losses, validation: losses.nullable(), seconds: z.number() }),
  ),
});
export type TrainingRecord = z.infer<typeof trainingSchema>;

/** How the learned scorer of hardware was trained; absent in a model that has none. */
const hardwareSchema = z.object({
  command: z.string(),
  engine: z.string(),
  seed: z.int(),
  steps: z.int(),
  batch: z.int(),
  learningRate: z.number(),
  /** Plain images that hardware was drawn into, and how many synthetic scenes beside them. */
  images: z.array(z.string()),
  syntheticScenes: z.int(),
  seconds: z.number(),
  /** Mean loss of every hundredth part. */
  losses: z.array(z.number()),
});
export type HardwareRecord = z.infer<typeof hardwareSchema>;

const finite = z.number();
const screenedPart = z.object({
  /** Screened scores, ascending, and the largest error around each: `ErrorEnvelope` of the scoring. */
  values: z.array(finite).min(1).readonly(),
  errors: z.array(finite.nonnegative()).min(1).readonly(),
  /** Of the errors of all tiles; the largest also of those tiles that set no activation's range. */
  median: finite,
  p99: finite,
  most: finite,
  mostUnseen: finite,
});

/** How far the graphs in whole numbers are off the exact ones; absent in a folder that cannot screen. */
const screeningSchema = z.object({
  /** Where the tiles are from. */
  about: z.string(),
  tiles: z.int().positive(),
  /** The allowed error over the largest one seen. */
  safety: z.number().min(1).max(2),
  parts: z.object({
    l2: screenedPart.optional(),
    mu_norm: screenedPart.optional(),
    bright: screenedPart.optional(),
    bright_peak: screenedPart.optional(),
    lander: screenedPart.optional(),
    small: screenedPart.optional(),
    tracks: screenedPart.optional(),
  }),
});
export type ScreeningRecord = z.infer<typeof screeningSchema>;

const percent = z.number().min(0).max(100);

/** StretchRule, as a model names it. */
const stretchSchema = z
  .object({ name: z.literal('percentile'), low: percent, high: percent, headroom: z.number().nonnegative() })
  .refine(({ low, high }) => low < high, { error: 'low must be below high', path: ['low'] });

/** `model.json`. */
export const manifestSchema = z.object({
  format: z.literal(1),
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  /** First 12 hexadecimal digits of the SHA-256 over architecture, normalisation and weights. */
  hash: z.string().regex(/^[0-9a-f]{12}$/),
  architecture: z.object({
    family: z.enum(FAMILIES),
    channels: z.union([z.literal(1), z.literal(3)]),
    latent: z.int().positive(),
    tileSize: z.literal(64),
  }),
  /** x = grey level / divisor; samples wider than 8 bits become grey levels by the rule `wide`. */
  normalisation: z.object({ divisor: z.literal(255), wide: stretchSchema }),
  /** Name of the default score. */
  score: z.string(),
  training: trainingSchema.nullable(),
  hardware: hardwareSchema.optional(),
  screening: screeningSchema.optional(),
  /** Every other file of the folder. */
  files: z.record(z.string(), z.object({ bytes: z.int(), sha256 })),
});
export type Manifest = z.infer<typeof manifestSchema>;
