import { createHash } from 'node:crypto';
import type { Manifest } from './manifest.js';

/** SHA-256 of bytes or text, hexadecimal. */
export function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The part of a model's name that changes with whatever changes its scores. */
export function modelHash(
  architecture: Manifest['architecture'],
  normalisation: Manifest['normalisation'],
  weightsSha256: string,
): string {
  const { family, channels, latent, tileSize } = architecture;
  const { divisor, wide } = normalisation;
  const stretch = [wide.name, wide.low, wide.high, wide.headroom];
  return sha256(JSON.stringify([family, channels, latent, tileSize, divisor, stretch, weightsSha256])).slice(
    0,
    12,
  );
}
