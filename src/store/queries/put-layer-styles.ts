import type { Database } from '../database.js';

/** A style of QGIS for a view of the schema `selenoscan`. */
export interface StoredStyle {
  /** Name of the view. */
  readonly layer: string;
  readonly name: string;
  /** QML document. */
  readonly qml: string;
}

/**
 * QGIS asks for the name of the database, which a restore may have changed, and of the type for
 * `Unknown geometry` or null.
 */
const UPDATE = `
  UPDATE public.layer_styles
  SET styleqml = $3::xml, f_table_catalog = current_database(), type = NULL, update_time = now()
  WHERE f_table_schema = 'selenoscan' AND f_table_name = $1::text AND f_geometry_column = 'geom' AND stylename = $2::text
    AND (styleqml::text IS DISTINCT FROM ($3::xml)::text OR f_table_catalog IS DISTINCT FROM current_database())
  RETURNING id`;

/** The layer's default, unless somebody made another one the default. */
const INSERT = `
  INSERT INTO public.layer_styles
    (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, stylename, styleqml, useasdefault, description)
  SELECT current_database(), 'selenoscan', $1::text, 'geom', $2::text, $3::xml,
    NOT EXISTS (
      SELECT FROM public.layer_styles theirs
      WHERE theirs.f_table_schema = 'selenoscan' AND theirs.f_table_name = $1::text AND theirs.useasdefault),
    'Written by selenoscan, which writes it again: save yours under another name.'
  WHERE NOT EXISTS (
    SELECT FROM public.layer_styles ours
    WHERE ours.f_table_schema = 'selenoscan' AND ours.f_table_name = $1::text AND ours.stylename = $2::text)
  RETURNING id`;

/**
 * Writes the styles that QGIS opens the views with; those that are as they should be are not touched.
 *
 * @returns styles written.
 */
export async function putLayerStyles(db: Database, styles: readonly StoredStyle[]): Promise<number> {
  return db.transaction(async (tx) => {
    await tx.query('LOCK TABLE public.layer_styles IN SHARE ROW EXCLUSIVE MODE');
    let written = 0;
    for (const { layer, name, qml } of styles) {
      const given = [layer, name, qml];
      written += (await tx.query(UPDATE, given)).length + (await tx.query(INSERT, given)).length;
    }
    return written;
  });
}
