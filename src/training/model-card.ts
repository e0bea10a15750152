import type { Manifest } from '../model/manifest.js';
import type { Calibration } from '../scoring/calibration.js';

/** The card of a model, Markdown: what it is, what it learnt from, by which command, how far it got. */
export function modelCard(manifest: Omit<Manifest, 'files'>, calibration: Calibration): string {
  const { architecture, training } = manifest;
  const { wide } = manifest.normalisation;
  const lines = [
    `# ${manifest.name}@${manifest.hash}`,
    '',
    `Variational autoencoder of Lesnikowski, Bickel and Angerhausen (2020): ${architecture.channels} x 64 x 64 pixels in 0..1,`,
    `latent code of ${architecture.latent}. Matrices are kept in half precision, all else in single; scores are computed in single precision.`,
    `Samples wider than 8 bits become grey levels linearly, image by image: the percentile ${wide.low} is 1, the percentile ${wide.high}`,
    `is followed by ${wide.headroom} of their distance up to 255, and 0 is no data.`,
    '',
  ];
  if (training === null) {
    lines.push('**Not trained**: its weights are random. For tests only.', '');
  } else {
    lines.push(...describeTraining(training));
  }
  lines.push(
    '## Calibration',
    '',
    `The default score \`${calibration.score}\` was calibrated on ${calibration.tiles} tiles of the images above, taken as plain terrain.`,
    'A probability beyond one in that many rests on the fitted tail, not on tiles that were seen.',
    '',
  );
  return lines.join('\n');
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
    `- ${tiles.training} tiles of ${images.training.length} images: ${images.training.join(', ')}.`,
    `- Validated on ${tiles.validation} tiles of ${images.validation.length} other images: ${images.validation.join(', ') || 'none'}.`,
    `- ${training.epochs.length} epochs in ${Math.round(training.seconds)} s (${rate.toFixed(0)} tiles/s) on ${training.engine}.`,
    '',
    '| epoch | squared error | divergence | loss | validation loss |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ];
}
