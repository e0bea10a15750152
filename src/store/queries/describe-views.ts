import type { Queryable } from '../database.js';

/** A view of the schema `selenoscan` that has a geometry. */
export interface ViewDescription {
  readonly name: string;
  /** Empty where there is none. */
  readonly comment: string;
  readonly columns: readonly ViewColumn[];
}

export interface ViewColumn {
  readonly name: string;
  /** As PostgreSQL writes it, e.g. `timestamp with time zone` or `geometry(Point,30100)`. */
  readonly type: string;
  readonly comment: string;
}

/** All views with a column `geom`, by name. */
export async function describeViews(db: Queryable): Promise<ViewDescription[]> {
  return db.query<ViewDescription>(`
    SELECT view.relname AS name, coalesce(obj_description(view.oid, 'pg_class'), '') AS comment,
      jsonb_agg(jsonb_build_object(
        'name', a.attname,
        'type', format_type(a.atttypid, a.atttypmod),
        'comment', coalesce(col_description(view.oid, a.attnum), '')) ORDER BY a.attnum) AS columns
    FROM pg_class view
    JOIN pg_attribute a ON a.attrelid = view.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE view.relnamespace = 'selenoscan'::regnamespace AND view.relkind IN ('v', 'm')
    GROUP BY view.oid, view.relname
    HAVING bool_or(a.attname = 'geom')
    ORDER BY view.relname`);
}
