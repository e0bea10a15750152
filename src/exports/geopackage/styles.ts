import type { Database } from 'libsql';
import type { LayerStyle } from '../layer.js';

/** The table in which QGIS keeps styles; one of these is a layer's default. */
const TABLE = `
  CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))`;

export function writeStyles(db: Database, styles: readonly LayerStyle[], changed: Date): void {
  if (styles.length === 0) return;
  db.exec(TABLE);
  db.prepare(
    "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) VALUES ('layer_styles', 'attributes', 'layer_styles', 'Styles for QGIS.', ?, 0)",
  ).run(changed.toISOString());
  const style = db.prepare(
    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, 'geom', ?, ?, '', 1, '', '')",
  );
  for (const { layer, name, qml } of styles) style.run(layer, name, qml);
}
