import type { InvalidProductError } from '../../domain/errors.js';
import { refuse } from '../faults.js';

/** @param where file that holds the label. @param what what is wrong in it, without a full stop */
export function damagedLabel(where: string, what: string, cause?: unknown): InvalidProductError {
  return refuse('label', `The label of ${where} is damaged: ${what}; fetch the file again.`, cause);
}

export function unlabelled(name: string): InvalidProductError {
  const stem = name.replace(/\.\w+$/, '');
  return refuse(
    'label',
    `${name} has no label that says what its bytes mean; put its label ${stem}.xml or ${stem}.LBL beside it.`,
  );
}
