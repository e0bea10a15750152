import type { Queryable } from '../database.js';

/** Says in a project's metadata that it is as Selenoscan wrote it; QGIS writes the metadata anew when people save. */
export const WRITTEN_BY = 'selenoscan';

const UPSERT = `
  INSERT INTO public.qgis_projects (name, metadata, content)
  VALUES ($1, jsonb_build_object('last_modified_time', now(), 'last_modified_user', current_user::text,
    'written_by', '${WRITTEN_BY}'), $2)
  ON CONFLICT (name) DO UPDATE SET metadata = EXCLUDED.metadata, content = EXCLUDED.content`;

/** Keeps a project where QGIS lists those of a database. @param content the bytes of a `.qgz` */
export async function putQgisProject(db: Queryable, name: string, content: Uint8Array): Promise<void> {
  await db.query(UPSERT, [name, Buffer.from(content)]);
}
