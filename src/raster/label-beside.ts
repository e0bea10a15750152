import type { LabelFile } from '../domain/label-files.js';
import { assertMoonTarget } from './label-target.js';

/**
 * Checks the target of the labels that lie beside an image.
 *
 * @throws InvalidProductError `wrong_body`, naming image and target
 */
export function assertMoonLabels(labels: readonly LabelFile[], imageName: string): void {
  for (const { text } of labels) assertMoonTarget(text, imageName);
}
