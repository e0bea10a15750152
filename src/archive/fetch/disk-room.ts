import { statfs } from 'node:fs/promises';
import { OperationalError } from '../../domain/errors.js';

/** Left free for others on the same disk. */
const MARGIN_BYTES = 16 << 20;

/**
 * Checks that a folder's disk takes a file, before any of it is fetched.
 * @throws OperationalError `disk_full`: trouble of this machine, gone when there is room again
 */
export async function assertRoom(dir: string, bytes: number, url: string): Promise<void> {
  const { bavail, bsize } = await statfs(dir);
  const free = bavail * bsize;
  if (free >= bytes + MARGIN_BYTES) return;
  throw new OperationalError(
    'disk_full',
    `${dir} has ${megabytes(free)} MB free where ${url} takes ${megabytes(bytes)} MB; make room there or set archive.download_dir.`,
  );
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
