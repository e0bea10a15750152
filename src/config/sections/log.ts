import { z } from 'zod';
import { key } from '../key.js';

/** What is logged. */
export const log = z.strictObject({
  level: key(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'), {
    description: 'Least level that is logged.',
  }),
});
