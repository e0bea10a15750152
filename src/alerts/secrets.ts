import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationalError } from '../domain/errors.js';

/** Gives the value of a secret by its name. */
export type SecretReader = (name: string) => Promise<string>;

/**
 * Secrets of the configuration, and of a folder with one file for each, as Docker and Kubernetes mount them. Files
 * are read each time, so that a secret can be changed while the daemon runs. Names cannot leave the folder.
 *
 * @throws OperationalError (of the reader) naming the secret, never its value
 */
export function secretReader(values: Readonly<Record<string, string>>, folder: string): SecretReader {
  return async (name) => {
    if (Object.hasOwn(values, name) && values[name] !== undefined && values[name] !== '') return values[name];
    const safe = /^[A-Za-z0-9_-]+$/.test(name);
    const text = folder !== '' && safe ? await readFile(join(folder, name), 'utf8').catch(() => '') : '';
    if (text.trim() !== '') return text.trim();
    throw new OperationalError(
      'alert_secret',
      `There is no secret ${name}: add it to alerts.secrets, or as a file of this name to alerts.secrets_dir.`,
    );
  };
}
