import { InvalidProductError } from '../domain/errors.js';

/**
 * Why an image is refused. Stable: kept in `scan.error_code` and counted in metrics.
 *
 * - `not_found`, `unreadable`, `empty`: the path, or what lies there
 * - `html`, `xml`, `unknown_format`: something else under an image's name
 * - `label`: a label in place of the image, or one that is missing, damaged or at odds with the file
 * - `truncated`: the file ends before its data; `undecodable`: its data are damaged
 * - `unsupported_samples`, `unsupported_layout`, `too_large`: an image, but not one that is read here
 * - `wrong_body`: an image of another body than the Moon
 */
export type RasterFault =
  | 'not_found'
  | 'unreadable'
  | 'empty'
  | 'html'
  | 'xml'
  | 'label'
  | 'unknown_format'
  | 'truncated'
  | 'undecodable'
  | 'unsupported_samples'
  | 'unsupported_layout'
  | 'too_large'
  | 'wrong_body';

/** @param sentence one sentence that names the file and the remedy */
export function refuse(code: RasterFault, sentence: string, cause?: unknown): InvalidProductError {
  return new InvalidProductError(code, sentence, cause === undefined ? undefined : { cause });
}

export function truncated(name: string, what: string, cause?: unknown): InvalidProductError {
  return refuse('truncated', `${name} is truncated: ${what}; fetch the file again.`, cause);
}

export function undecodable(name: string, what: string, cause?: unknown): InvalidProductError {
  return refuse('undecodable', `${name} is damaged: ${what}; fetch the file again.`, cause);
}
