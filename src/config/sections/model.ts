import { z } from 'zod';
import { key } from '../key.js';

/** The model that scans. */
export const model = z.strictObject({
  path: key(z.string().default(''), {
    description: 'Model folder to scan with and to activate when none is; empty = the shipped starter.',
  }),
});
