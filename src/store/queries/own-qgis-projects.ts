import type { Queryable } from '../database.js';
import { WRITTEN_BY } from './put-qgis-project.js';

/** The projects that the database holds as Selenoscan wrote them: the bytes of each `.qgz` by its name. */
export async function ownQgisProjects(db: Queryable): Promise<Map<string, Buffer>> {
  const rows = await db.query<{ name: string; content: Uint8Array }>(
    `SELECT name, content FROM public.qgis_projects WHERE metadata ->> 'written_by' = $1`,
    [WRITTEN_BY],
  );
  return new Map(rows.map(({ name, content }) => [name, Buffer.from(content)]));
}
