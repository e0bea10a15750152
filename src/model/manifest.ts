import { z } from 'zod';
import { FAMILIES, TILE_SIZE } from './architecture.js';

const spread = z.object({ median: z.number(), mad: z.number() });
const tenths = z.array(z.number()).length(9).readonly();

const isAscending = (values: readonly number[]): boolean =>
  values.every((value, i) => i === 0 || value > values[i - 1]!);
const ascending = z.array(z.number()).refine(isAscending, { error: 'must ascend' }).readonly();

/**
 * -log10 of shares that become smaller from knot to knot: never falling. The first may be 0, the share of all.
 */
const knotScores = z
  .array(z.number().min(0).max(100))
  .min(1)
  .refine((values) => values.every((value, i) => i === 0 || value >= values[i - 1]!), {
    error: 'must not fall',
  })
  .readonly();

const calibrationFields = z.object({
  score: z.string(),
  images: z.int().positive(),
  tiles: z.int().positive(),
  axis: z.object({
    scale: z.enum(['linear', 'asinh']),
    from: z.number(),
    step: z.number().positive(),
    bins: z.int().positive(),
  }),
  knots: ascending.refine((knots) => knots.length > 0, { error: 'must not be empty' }),
  incidences: ascending,
  contrasts: ascending.refine((contrasts) => contrasts.every((contrast) => contrast > 0), {
    error: 'must be above 0',
  }),
  cells: z
    .array(
      z.object({
        scores: knotScores,
        tail: z.object({ shape: z.number().nonnegative(), scale: z.number().positive() }),
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

/** `calibration.json`: what turns a raw score into a probability; its meaning is the scoring's. */
export const calibrationSchema = calibrationFields.superRefine((calibration, check) => {
  const { knots, incidences, contrasts, cells, inputs } = calibration;
  const rows = incidences.length + 1;
  const bad = (path: string, message: string) => check.addIssue({ code: 'custom', path: [path], message });
  if (cells.length !== rows * (contrasts.length + 1)) bad('cells', 'one for each incidence and contrast');
  if (cells.some(({ scores }) => scores.length > knots.length)) bad('cells', 'no more scores than knots');
  if (inputs.length !== rows) bad('inputs', 'one for each incidence');
});
export type CalibrationFile = z.infer<typeof calibrationSchema>;

/** `reference.json`: what a few tiles must score, to check an engine. */
export const referenceSchema = z
  .object({
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
  })
  .superRefine(({ count, tiles, valid, l2, muNorm, bright, hardware }, check) => {
    const bad = (path: string, message: string) => check.addIssue({ code: 'custom', path: [path], message });
    const flags = Buffer.byteLength(valid, 'base64');
    if (flags !== count * TILE_SIZE * TILE_SIZE) bad('valid', 'a flag for each pixel');
    const bytes = Buffer.byteLength(tiles, 'base64');
    if (bytes !== flags && bytes !== 3 * flags) bad('tiles', 'a byte for each pixel and channel');
    for (const [name, scores] of Object.entries({ l2, muNorm, bright }))
      if (scores.length !== count) bad(name, 'a score for each tile');
    if (hardware === undefined) return;
    const floats = (text: string): number => Buffer.byteLength(text, 'base64') / 4;
    if (hardware.octants.length !== count) bad('hardware', 'a direction for each tile');
    if (floats(hardware.bodies) !== count * 2 * 16 * 16)
      bad('hardware', 'two logits for each cell of 4 x 4 px');
    if (floats(hardware.tracks) !== count * 8 * 8) bad('hardware', 'a logit for each cell of 8 x 8 px');
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
  /** Every other file of the folder; names without a path, so that none lies elsewhere. */
  files: z.record(z.string().regex(/^\w[\w.-]*$/), z.object({ bytes: z.int().nonnegative(), sha256 })),
});
export type Manifest = z.infer<typeof manifestSchema>;
