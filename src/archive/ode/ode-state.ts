import { z } from 'zod';

const day = z.string().regex(/^\d{4}-\d\d-\d\d$/);
const count = z.int().min(0);

const state = z.object({
  /** What `iipt` told at the last look: another answer means that something changed. */
  listed: z.object({ products: z.number(), newest: z.string().nullable() }),
  /** Products of the Moon. */
  total: count,
  /** How many products were created since a day: more of them means that some were made anew. */
  created: z.object({ since: day, count }),
  /** Products of each month of observation since the first start, by its first day. */
  months: z.record(day, count),
  /** Windows that are known to have something new and are not read yet. */
  pending: z.array(z.object({ by: z.enum(['observation', 'creation']), from: day, to: day })),
});

/** What a poller remembers of ODE between polls; plain JSON. */
export type OdeState = Readonly<z.infer<typeof state>>;

/** null for what is no such state, so that discovery starts anew; what is known then is announced again. */
export function parseState(value: unknown): OdeState | null {
  return state.safeParse(value).data ?? null;
}
