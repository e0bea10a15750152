import { z } from 'zod';
import { integer, key } from '../key.js';

/** The PostGIS database. */
export const database = z.strictObject({
  url: key(z.string().default(''), {
    description: 'postgres:// address of the PostGIS database. DATABASE_URL is read too.',
    secret: true,
  }),
  pool: key(integer(1, 100, 5), { description: 'Connections at most.' }),
});
