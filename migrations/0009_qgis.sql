-- What QGIS looks for in a database: styles that a layer opens with, and projects. It finds the styles by the
-- search_path alone, so that both lie in the schema public, where QGIS itself would make them; tables that it
-- made before are kept.

CREATE TABLE IF NOT EXISTS public.layer_styles (
  id serial PRIMARY KEY,
  f_table_catalog varchar,
  f_table_schema varchar,
  f_table_name varchar,
  f_geometry_column varchar,
  stylename text,
  styleqml xml,
  stylesld xml,
  useasdefault boolean,
  description text,
  owner varchar(63) DEFAULT current_user,
  ui xml,
  update_time timestamp DEFAULT current_timestamp,
  type varchar
);

CREATE TABLE IF NOT EXISTS public.qgis_projects (
  name text PRIMARY KEY,
  metadata jsonb,
  content bytea
);

DO $$
BEGIN
  -- QGIS before 3.18 made the table without it.
  IF NOT EXISTS (
    SELECT FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = 'layer_styles' AND column_name = 'type')
  THEN
    ALTER TABLE public.layer_styles ADD COLUMN type varchar;
  END IF;
END
$$;
