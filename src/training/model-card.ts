import type { Manifest } from '../model/manifest.js';
import type { Family } from '../model/architecture.js';
import type { Calibration } from '../scoring/calibration.js';

/** Name of the picture of the learning curves in a model folder, without its ending. */
export const CURVES_FILE = 'learning-curves';

const PAPERS: Record<Family, string> = {
  vae: 'of Lesnikowski, Bickel and Angerhausen (2020)',
  vae2024:
    'with the convolutions of the 2024 follow-up of Lesnikowski, Bickel and Angerhausen (doi 10.1109/JSTARS.2024.3369101)',
};

/** The card of a model, Markdown: what it is, what it is not for, what it learnt from and how far it got. */
export function modelCard(manifest: Omit<Manifest, 'files'>, calibration: Calibration): string {
  const { architecture, training } = manifest;
  const { wide } = manifest.normalisation;
  const lines = [
    `# ${manifest.name}@${manifest.hash}`,
    '',
    `Variational autoencoder ${PAPERS[architecture.family]}: ${architecture.channels} x 64 x 64 pixels in 0..1,`,
    `latent code of ${architecture.latent}. Matrices are kept in half precision, all else in single; scores are computed in single precision.`,
    `Samples wider than 8 bits become grey levels linearly, image by image: the percentile ${wide.low} is 1, the percentile ${wide.high}`,
    `is followed by ${wide.headroom} of their distance up to 255, and 0 is no data.`,
    '',
  ];
  if (training === null) {
    lines.push('**Not trained**: its weights are random. For tests only.', '');
  } else {
    lines.push(...notFor(training), ...describeTraining(training));
  }
  if (manifest.hardware) lines.push(...describeHardware(manifest.hardware));
  lines.push(
    '## Calibration',
    '',
    `The default score \`${calibration.score}\` was calibrated on ${calibration.tiles} tiles of ${calibration.images} images taken as plain terrain, by lighting`,
    '(incidence) and local contrast. Those that are not among the images above are synthetic (src/simulation): they stand in where no',
    'image has like light, and count as half an image beside those that have. A probability beyond one in the number of tiles rests on the',
    'fitted tail, not on tiles that were seen. What a score means, and how to learn it anew from scans: docs/calibration.md.',
    '',
  );
  return lines.join('\n');
}

function notFor({ images }: NonNullable<Manifest['training']>): string[] {
  const count = images.training.length;
  return [
    '## What it must not be used for',
    '',
    '- **To claim that something is artificial.** A high score says that a tile is unlike the terrain it learnt from. Boulders,',
    '  fresh craters, hard shadows and faults of the image score high too: a person has to look.',
    '- **To claim that nothing is there.** It misses hardware, the smaller the more; a low score is no evidence of absence.',
    `- **On ground, light or scale that it never saw.** It learnt from ${count} ${count === 1 ? 'image' : 'images'}: scores and their`,
    '  probabilities hold for images like those. Train or calibrate anew for another camera, resolution, region or body.',
    '- **For safety.** Not for choosing landing sites, finding hazards or navigating, nor to count or measure boulders and craters.',
    '',
  ];
}

function describeTraining(training: NonNullable<Manifest['training']>): string[] {
  const { images, tiles } = training;
  const rate = (training.epochs.length * tiles.training) / training.seconds;
  const rows = training.epochs.map(({ epoch, training: trained, validation }) => {
    const best = epoch === training.bestEpoch ? ' (kept)' : '';
    const validated = validation === null ? '-' : validation.loss.toFixed(2);
    return `| ${epoch}${best} | ${trained.squaredError.toFixed(2)} | ${trained.divergence.toFixed(2)} | ${trained.loss.toFixed(2)} | ${validated} |`;
  });
  return [
    '## Training',
    '',
    `Command: \`${training.command}\``,
    '',
    ...(training.about === '' ? [] : [training.about, '']),
    `- Loss: ${training.loss}, beta ${training.beta}.`,
    `- Adam at ${training.learningRate}, batch ${training.batch}, seed ${training.seed}, augmentation ${training.augment}, tiles every ${training.stride} px.`,
    `- ${tiles.training} tiles of ${count(images.training)}: ${images.training.join(', ')}.`,
    `- Validated on ${tiles.validation} tiles of ${count(images.validation)} of other ground: ${images.validation.join(', ') || 'none'}.`,
    `- ${training.epochs.length} epochs in ${Math.round(training.seconds)} s (${rate.toFixed(0)} tiles/s) on ${training.engine}.`,
    '',
    `![Loss and divergence by epoch](${CURVES_FILE}.png)`,
    '',
    '| epoch | squared error | divergence | loss | validation loss |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ];
}

const count = (names: readonly string[]): string =>
  `${names.length} ${names.length === 1 ? 'image' : 'images'}`;

function describeHardware(hardware: NonNullable<Manifest['hardware']>): string[] {
  const { images, syntheticScenes, steps, batch, losses } = hardware;
  const scenes = syntheticScenes === 0 ? '' : ` and ${syntheticScenes} synthetic scenes`;
  const [first = NaN] = losses;
  const last = losses[losses.length - 1] ?? NaN;
  return [
    '## Learned scorer of hardware',
    '',
    `Command: \`${hardware.command}\``,
    '',
    "A small convolutional net that sees a tile turned along the Sun's direction. It learnt from landers, rovers, debris and",
    'tracks that were drawn into plain terrain, beside boulders, craters and faults of the image to pass over: from no image of',
    'real hardware, and so only what these drawings have in common with it. Its logits are the raw scores `lander`, `small` and',
    '`tracks`; the default score `c` is made of the first and of the label-free `z_a` and `z_bright`.',
    '',
    `- Terrain of ${images.length} images${scenes}: ${images.join(', ')}.`,
    `- ${steps} steps of ${batch} tiles, Adam at ${hardware.learningRate}, seed ${hardware.seed}, in ${Math.round(hardware.seconds)} s on ${hardware.engine}.`,
    `- Mean loss from ${first.toFixed(2)} to ${last.toFixed(2)}.`,
    '',
  ];
}
